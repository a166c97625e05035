//! Server-sent events, as far as streamed completions use them: `data:` lines and blank lines.

use contracts::Fault;

use crate::limits;

/// Cuts bytes, however they are split, into the events' data.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: String,
    received: usize,
}

impl Events {
    /// The data of the events that are complete by now.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, Fault> {
        self.received += bytes.len();
        if self.received > limits::LLM_STREAM_BYTES {
            return Err(Fault::Unknown("an answer without end".to_owned()));
        }
        let mut complete = Vec::new();
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                complete.extend(self.take_line(&line)?);
            } else {
                self.line.push(*byte);
            }
            if self.line.len() + self.data.len() > limits::LLM_EVENT_BYTES {
                return Err(Fault::Unknown("an event without end".to_owned()));
            }
        }
        Ok(complete)
    }

    /// An event that was not closed by a blank line, when the stream is over.
    pub(super) fn finish(mut self) -> Result<Option<String>, Fault> {
        let line = std::mem::take(&mut self.line);
        self.take_line(&line)?;
        Ok((!self.data.is_empty()).then_some(self.data))
    }

    fn take_line(&mut self, line: &[u8]) -> Result<Option<String>, Fault> {
        let line = std::str::from_utf8(line).map_err(|_| Fault::Unknown("an answer that is not text".to_owned()))?;
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            return Ok((!self.data.is_empty()).then(|| std::mem::take(&mut self.data)));
        }
        if let Some(value) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(value.strip_prefix(' ').unwrap_or(value));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": comment\r\nevent: x\ndata: {\"a\":\"שלום\"}\r\n\r\ndata: one\ndata: two\n\n\ndata:[DONE]";

    #[test]
    fn events_survive_any_cutting() {
        for piece in [1, 2, 5, 1_000] {
            let mut events = Events::default();
            let mut seen = Vec::new();
            for bytes in STREAM.as_bytes().chunks(piece) {
                seen.extend(events.push(bytes).unwrap());
            }
            seen.extend(events.finish().unwrap());
            assert_eq!(seen, ["{\"a\":\"שלום\"}", "one\ntwo", "[DONE]"]);
        }
    }

    #[test]
    fn an_event_without_end_is_a_fault() {
        let mut events = Events::default();
        let piece = vec![b'x'; 64 * 1024];
        assert!((0..8).any(|_| events.push(&piece).is_err()));
    }

    #[test]
    fn an_answer_without_end_is_a_fault() {
        let mut events = Events::default();
        let piece = "data: x\n\n".repeat(10_000);
        assert!((0..100).any(|_| events.push(piece.as_bytes()).is_err()));
    }
}
