//! Hears pokes: server-sent events that say that something of the device's has moved.

use crate::device::Device;
use domain::api::sync::POKE;
use sync::Event;
use tokio::sync::mpsc;

/// The longest line of the stream that is looked at; what is longer says nothing that is wanted here.
const LINE_BYTES: usize = 256;

/// Listens until the stream breaks, or is refused.
pub(super) async fn hear(device: &Device, tell: &mpsc::Sender<Event>) {
    let mut stream = match device.shared().cloud.pokes().await {
        Ok(stream) => stream,
        Err(error) => return tracing::debug!(%error, "no stream of pokes"),
    };
    if tell.send(Event::Listening).await.is_err() {
        return;
    }
    let mut reader = Reader::default();
    loop {
        match stream.next().await {
            Ok(Some(bytes)) => {
                if reader.read(bytes.as_ref()) {
                    // Without room, those before it were not heard yet.
                    let _ = tell.try_send(Event::Poked);
                }
            }
            Ok(None) => return tracing::debug!("the stream of pokes has ended"),
            Err(error) => return tracing::debug!(%error, "the stream of pokes broke"),
        }
    }
}

/// Reads server-sent events of which only the name is wanted.
#[derive(Debug, Default)]
struct Reader {
    line: Vec<u8>,
    is_poke: bool,
}

impl Reader {
    /// Takes bytes as they come. Whether a poke is complete.
    fn read(&mut self, bytes: &[u8]) -> bool {
        let mut poked = false;
        for byte in bytes {
            if *byte == b'\n' {
                poked |= self.end_line();
            } else if self.line.len() < LINE_BYTES {
                self.line.push(*byte);
            }
        }
        poked
    }

    /// An empty line ends an event.
    fn end_line(&mut self) -> bool {
        let line = std::mem::take(&mut self.line);
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return std::mem::take(&mut self.is_poke);
        }
        if let Some(name) = line.strip_prefix(b"event:") {
            self.is_poke = name.trim_ascii() == POKE.as_bytes();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poke_counts_when_it_is_complete_however_it_is_cut() {
        let stream = b": hello\n\nevent: poke\r\ndata: [\"price/default\"]\r\n\r\nevent: other\ndata: x\n\nevent:poke\n\n";
        for size in [1, 2, 7, stream.len()] {
            let mut reader = Reader::default();
            let pokes = stream.chunks(size).filter(|chunk| reader.read(chunk));
            assert_eq!(
                pokes.count(),
                if size == stream.len() { 1 } else { 2 },
                "{size}"
            );
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut reader = Reader::default();
        for _ in 0..100 {
            assert!(!reader.read(&[b'x'; 10_000]));
        }
        assert!(reader.line.capacity() < 10 * LINE_BYTES);
    }
}
