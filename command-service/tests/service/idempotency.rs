//! Request ids: a request is carried out once, however often and from wherever it is sent.

mod replays;
mod reuse;
mod twins;
