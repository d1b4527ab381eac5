//! Orders in memory.
