//! Reads a multipart form (RFC 7578), as far as clients of a speech API write it.

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub name: String,
    pub content: Vec<u8>,
}

/// More parts are not asked for.
const MOST_PARTS: usize = 20;

/// The parts; `None` when it is no such form.
pub(super) fn parse(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let boundary = content_type
        .strip_prefix("multipart/form-data")?
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("boundary="))?
        .trim_matches('"');
    let mut delimiter = b"\r\n--".to_vec();
    delimiter.extend_from_slice(boundary.as_bytes());
    // The first delimiter has no line end before it.
    let mut rest = body.strip_prefix(delimiter.get(2..)?)?;
    let mut parts = Vec::new();
    while parts.len() < MOST_PARTS {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, &delimiter)?;
        parts.push(part(rest.get(..end)?)?);
        rest = rest.get(end + delimiter.len()..)?;
    }
    None
}

fn part(raw: &[u8]) -> Option<Part> {
    let end = find(raw, b"\r\n\r\n")?;
    let head = std::str::from_utf8(raw.get(..end)?).ok()?;
    let name = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("name="))?
        .trim_matches('"')
        .to_owned();
    Some(Part {
        name,
        content: raw.get(end + 4..)?.to_vec(),
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_a_file_is_read() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--y\r\n--x\r\ncontent-disposition: form-data; name=model\r\n\r\nwhisper-1\r\n--x--\r\n";
        let parts = parse("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(
            parts[0],
            Part {
                name: "file".to_owned(),
                content: b"RIFF\r\n--y".to_vec()
            }
        );
        assert_eq!(
            parts[1],
            Part {
                name: "model".to_owned(),
                content: b"whisper-1".to_vec()
            }
        );
    }

    #[test]
    fn what_is_no_form_is_refused() {
        assert_eq!(parse("application/json", b"{}"), None);
        assert_eq!(parse("multipart/form-data; boundary=x", b"--x\r\nnothing"), None);
        assert_eq!(parse("multipart/form-data; boundary=x", b""), None);
    }
}
