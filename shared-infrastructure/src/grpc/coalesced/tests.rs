use std::{
    collections::VecDeque,
    future::ready,
    sync::atomic::AtomicUsize,
    task::{Wake, Waker},
};

use super::*;

/// What a stream does when it is written to, if it does not take everything.
#[derive(Debug, Clone, Copy)]
enum Step {
    Take(usize),
    Wait,
}

/// A stream that keeps what it is sent, write by write.
#[derive(Debug, Default)]
struct Fake {
    script: VecDeque<Step>,
    writes: Vec<Vec<u8>>,
    flushes: usize,
    /// The number of writes by the time of the shutdown.
    shut_down_after: Option<usize>,
}

impl Write for Fake {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = match self.script.pop_front() {
            Some(Step::Wait) => return Poll::Pending,
            Some(Step::Take(most)) => most.min(bytes.len()),
            None => bytes.len(),
        };
        self.writes.push(bytes[..taken].to_vec());
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shut_down_after = Some(self.writes.len());
        Poll::Ready(Ok(()))
    }
}

#[derive(Debug, Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The task of a connection, which goes from turn to turn as the test says.
struct Bed {
    stream: Coalesced<Fake>,
    turn: Turn,
    wakes: Arc<Wakes>,
}

impl Bed {
    fn new(script: impl IntoIterator<Item = Step>) -> Self {
        let turn = Turn::default();
        let fake = Fake { script: script.into_iter().collect(), ..Fake::default() };
        Self { stream: Coalesced::new(fake, turn.clone()), turn, wakes: Arc::default() }
    }

    fn next_turn(&self) {
        self.turn.count(ready(())).now_or_never().unwrap();
    }

    fn poll<T>(&mut self, poll: impl FnOnce(Pin<&mut Coalesced<Fake>>, &mut Context<'_>) -> T) -> T {
        let waker = Waker::from(Arc::clone(&self.wakes));
        poll(Pin::new(&mut self.stream), &mut Context::from_waker(&waker))
    }

    fn try_write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|stream, context| stream.poll_write(context, bytes))
    }

    fn write(&mut self, bytes: &[u8]) {
        assert!(matches!(self.try_write(bytes), Poll::Ready(Ok(taken)) if taken == bytes.len()));
    }

    fn try_flush(&mut self) -> Poll<io::Result<()>> {
        self.poll(|stream, context| stream.poll_flush(context))
    }

    fn flush(&mut self) {
        assert!(matches!(self.try_flush(), Poll::Ready(Ok(()))));
    }

    fn try_shutdown(&mut self) -> Poll<io::Result<()>> {
        self.poll(|stream, context| stream.poll_shutdown(context))
    }

    fn writes(&self) -> &[Vec<u8>] {
        &self.stream.stream.writes
    }

    /// All that was sent.
    fn sent(&self) -> Vec<u8> {
        self.writes().concat()
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

fn is_write_zero<T>(result: Poll<io::Result<T>>) -> bool {
    matches!(result, Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::WriteZero)
}

#[test]
fn what_is_written_in_one_turn_is_one_write_of_the_next() {
    let mut bed = Bed::new([]);
    for turn in 1..4 {
        bed.next_turn();
        for bytes in [&b"one "[..], b"two ", b"three"] {
            bed.write(bytes);
            bed.flush();
        }
        assert_eq!(bed.writes().len(), turn - 1, "nothing yet");
        bed.next_turn();
        bed.flush();
        assert_eq!(bed.writes(), vec![b"one two three"; turn]);
        assert_eq!(bed.stream.stream.flushes, turn);
    }
}

#[test]
fn what_is_written_before_the_flush_of_the_next_turn_goes_along() {
    let mut bed = Bed::new([]);
    bed.next_turn();
    bed.write(b"one ");
    bed.flush();
    bed.next_turn();
    bed.write(b"two");
    bed.flush();
    assert_eq!(bed.writes(), [b"one two"]);
    bed.write(b"three");
    bed.flush();
    assert_eq!(bed.writes(), [b"one two"], "that waits for a turn of its own");
    bed.next_turn();
    bed.flush();
    assert_eq!(bed.writes(), [&b"one two"[..], b"three"]);
}

#[test]
fn a_flush_that_is_put_off_asks_for_another_turn() {
    let mut bed = Bed::new([]);
    bed.next_turn();
    bed.write(b"one");
    assert_eq!(bed.wakes(), 0);
    bed.flush();
    assert!(bed.wakes() > 0);
    let before = bed.wakes();
    bed.next_turn();
    bed.flush();
    bed.next_turn();
    bed.flush();
    assert_eq!(bed.wakes(), before, "with nothing left to send it sleeps");
    assert_eq!(bed.writes(), [b"one"]);
}

#[test]
fn slices_are_taken_as_a_whole() {
    let mut bed = Bed::new([]);
    bed.next_turn();
    assert!(bed.stream.is_write_vectored());
    let slices = [&b"one "[..], b"", b"two"].map(io::IoSlice::new);
    let taken = bed.poll(|stream, context| stream.poll_write_vectored(context, &slices));
    assert!(matches!(taken, Poll::Ready(Ok(7))));
    bed.flush();
    bed.next_turn();
    bed.flush();
    assert_eq!(bed.writes(), [b"one two"]);
}

#[test]
fn much_is_flushed_at_once() {
    let mut bed = Bed::new([]);
    bed.next_turn();
    bed.write(&[1; ENOUGH - 1]);
    bed.flush();
    assert_eq!(bed.writes().len(), 0);
    bed.write(&[2]);
    bed.flush();
    assert_eq!(bed.writes().iter().map(Vec::len).collect::<Vec<_>>(), [ENOUGH]);
    assert_eq!(bed.stream.stream.flushes, 1);
}

#[test]
fn more_is_taken_only_once_much_is_sent() {
    let mut bed = Bed::new([Step::Wait, Step::Take(10), Step::Wait]);
    bed.next_turn();
    bed.write(&[1; ENOUGH]);
    assert!(bed.try_write(&[2; 5]).is_pending());
    assert!(bed.try_write(&[2; 5]).is_pending());
    assert_eq!(bed.writes(), [[1; 10]]);
    bed.write(&[2; 5]);
    bed.flush();
    bed.next_turn();
    bed.flush();
    assert!(bed.sent() == [&[1; ENOUGH][..], &[2; 5]].concat());
}

#[test]
fn a_stream_that_takes_little_and_waits_gets_everything_in_order() {
    let mut bed = Bed::new([Step::Take(2), Step::Wait, Step::Take(1), Step::Wait, Step::Take(3)]);
    bed.next_turn();
    bed.write(b"0123456");
    bed.flush();
    bed.next_turn();
    assert!(bed.try_flush().is_pending());
    bed.write(b"789");
    assert!(bed.try_flush().is_pending(), "it waits on, though more was written");
    assert_eq!(bed.stream.stream.flushes, 0);
    bed.next_turn();
    bed.flush();
    assert_eq!(bed.writes(), [&b"01"[..], b"2", b"345", b"6789"]);
    assert_eq!(bed.stream.stream.flushes, 1);
}

#[test]
fn a_shutdown_sends_what_is_left_first() {
    let mut bed = Bed::new([Step::Take(1), Step::Wait]);
    bed.next_turn();
    bed.write(b"one");
    bed.flush();
    assert!(bed.try_shutdown().is_pending());
    assert_eq!(bed.stream.stream.shut_down_after, None);
    assert!(matches!(bed.try_shutdown(), Poll::Ready(Ok(()))));
    assert_eq!(bed.writes(), [&b"o"[..], b"ne"]);
    assert_eq!(bed.stream.stream.shut_down_after, Some(2));
}

#[test]
fn a_stream_that_takes_nothing_is_an_error() {
    let closed = || [Step::Take(0), Step::Take(0)];
    let mut bed = Bed::new(closed());
    bed.next_turn();
    bed.write(b"one");
    bed.flush();
    bed.next_turn();
    assert!(is_write_zero(bed.try_flush()));
    assert!(is_write_zero(bed.try_shutdown()));

    let mut bed = Bed::new(closed());
    bed.write(&[1; ENOUGH]);
    assert!(is_write_zero(bed.try_write(b"more")));
}
