//! The functions. Each is one folder or file, reads from top to bottom (decode, use case, port, encode), and knows no
//! other.
pub mod identity;
pub mod ingest;
