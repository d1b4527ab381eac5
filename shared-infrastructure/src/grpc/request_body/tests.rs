use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use tonic::Code;

use super::{super::room::SMALL, *};

async fn fate(
    frames: impl Stream<Item = Result<Frame<Bytes>, Status>>,
    arrival: Arrival,
    room: &Room,
) -> Result<usize, Code> {
    let body = RequestBody::new(StreamBody::new(frames), arrival, room);
    let collected = std::pin::pin!(body).collect().await;
    collected.map(|all| all.to_bytes().len()).map_err(|error| error.downcast::<Status>().unwrap().code())
}

/// Room for four of the largest.
const BYTES: usize = 4 * LARGEST;

fn room() -> Room {
    Room::of(BYTES)
}

const LIMIT: Duration = Duration::from_secs(10);
const WHOLE: Arrival = Arrival::Whole(LIMIT);
const MESSAGES: Arrival = Arrival::Messages(LIMIT);

/// Frames of a byte, each so many seconds after the one before it.
fn trickle(pauses: &'static [u64]) -> impl Stream<Item = Result<Frame<Bytes>, Status>> {
    stream::iter(pauses).then(|pause| async {
        tokio::time::sleep(Duration::from_secs(*pause)).await;
        Ok(Frame::data(Bytes::from_static(b"x")))
    })
}

/// Empty messages, each so many seconds after the one before it.
fn questions(pauses: &'static [u64]) -> impl Stream<Item = Result<Frame<Bytes>, Status>> {
    trickle(pauses).map_ok(|_| Frame::data(head(0)))
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_in_is_late() {
    let begun = Instant::now();
    assert_eq!(fate(trickle(&[3; 9]), WHOLE, &room()).await, Err(Code::DeadlineExceeded));
    assert!((10..12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(fate(trickle(&[0]), WHOLE, &room()).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_may_take_its_time_but_not_one_of_its_messages() {
    assert_eq!(fate(questions(&[9; 9]), MESSAGES, &room()).await, Ok(45));
    assert_eq!(fate(questions(&[9, 9, 11]), MESSAGES, &room()).await, Err(Code::DeadlineExceeded));
    assert_eq!(fate(trickle(&[3; 4]), MESSAGES, &room()).await, Err(Code::DeadlineExceeded));
}

/// The head of a message of so many bytes.
fn head(length: usize) -> Bytes {
    let length = u32::try_from(length).unwrap().to_be_bytes();
    [&[0][..], &length].concat().into()
}

fn frames(data: impl IntoIterator<Item = Bytes>) -> impl Stream<Item = Result<Frame<Bytes>, Status>> {
    stream::iter(data.into_iter().map(|data| Ok(Frame::data(data))).collect::<Vec<_>>())
}

#[tokio::test]
async fn large_messages_together_have_a_limit_from_when_they_are_announced() {
    let room = room();
    let mut stalled = Vec::new();
    for _ in 0..BYTES / LARGEST {
        let mut body = Box::pin(RequestBody::new(StreamBody::new(frames([head(LARGEST)])), WHOLE, &room));
        assert!(body.frame().await.unwrap().is_ok());
        stalled.push(body);
    }
    assert_eq!(fate(frames([head(SMALL + 1)]), WHOLE, &room).await, Err(Code::ResourceExhausted));
    assert_eq!(fate(frames([head(SMALL)]), WHOLE, &room).await, Ok(5), "small ones go on");
    stalled.clear();
    assert_eq!(fate(frames([head(LARGEST)]), WHOLE, &room).await, Ok(5));
    assert_eq!(room.taken(), 0);
}

#[tokio::test]
async fn a_head_may_come_in_pieces() {
    let room = room();
    let pieces = head(LARGEST).chunks(1).map(Bytes::copy_from_slice).collect::<Vec<_>>();
    let mut body = Box::pin(RequestBody::new(StreamBody::new(frames(pieces)), WHOLE, &room));
    for _ in 0..4 {
        assert!(body.frame().await.unwrap().is_ok());
        assert_eq!(room.taken(), 0);
    }
    assert!(body.frame().await.unwrap().is_ok());
    assert_eq!(room.taken(), LARGEST);
}

#[tokio::test]
async fn room_is_given_back_when_the_message_is_there() {
    let room = room();
    let parts = [head(LARGEST), vec![1; SMALL].into(), vec![1; LARGEST - SMALL].into(), head(SMALL + 1)];
    let mut body = Box::pin(RequestBody::new(StreamBody::new(frames(parts)), MESSAGES, &room));
    let mut counted = Vec::new();
    while let Some(frame) = body.frame().await {
        assert!(frame.is_ok());
        counted.push(room.taken());
    }
    assert_eq!(counted, [LARGEST, LARGEST, 0, SMALL + 1]);
    drop(body);
    assert_eq!(room.taken(), 0);
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_stream_need_not_end_where_frames_do() {
    let ends_and_begins = |_| {
        let parts = [&[1; 3][..], &head(7), &[1; 4]].concat();
        Ok(Frame::data(Bytes::from(parts)))
    };
    let begun = stream::iter([Ok(Frame::data(Bytes::from([&*head(7), &[1; 4]].concat())))]);
    let goes_on = trickle(&[4; 9]).map(|one: Result<Frame<Bytes>, Status>| one.and_then(ends_and_begins));
    assert_eq!(fate(begun.chain(goes_on), MESSAGES, &room()).await, Ok(9 + 9 * 12));
}

#[test]
fn messages_are_told_apart_wherever_they_are_cut() {
    let lengths = [0, 1, 300, 4, 5, 70_000];
    let all = lengths.map(|length| [&*head(length), &vec![0xff; length]].concat()).concat();
    for size in [1, 2, 3, 4, 5, 7, 301, 1_000, all.len()] {
        let mut messages = Messages::default();
        let mut longest = 0;
        for part in all.chunks(size) {
            messages.read(part);
            longest = longest.max(messages.under_way());
        }
        assert!(messages.has_ended && messages.under_way() == 0 && messages.of_head == 0, "parts of {size}");
        assert_eq!(longest, if size < all.len() { 70_000 } else { 0 }, "parts of {size}");
    }
}
