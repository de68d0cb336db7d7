//! Reading a form strictly: what was signed is exactly what is read, or nothing is.

/// Twilio sends a few dozen pairs at most.
pub const MAX_PAIRS: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Percent,
    #[error("a key or value is not UTF-8")]
    Utf8,
    #[error("more than {MAX_PAIRS} pairs")]
    TooMany,
}

/// The pairs of an `application/x-www-form-urlencoded` body in their order, blanks and repeated keys kept. Replaces
/// nothing: a lossy reader would let U+FFFD stand for bytes that Twilio signed as something else.
pub fn parse_form(bytes: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let mut pairs = Vec::new();
    for segment in bytes.split(|b| *b == b'&').filter(|segment| !segment.is_empty()) {
        if pairs.len() == MAX_PAIRS {
            return Err(FormError::TooMany);
        }
        let (key, value) = match segment.iter().position(|b| *b == b'=') {
            Some(at) => (&segment[..at], &segment[at + 1..]),
            None => (segment, &[][..]),
        };
        pairs.push((decode(key)?, decode(value)?));
    }
    Ok(pairs)
}

/// Percent-decodes one part; a plus is a space.
pub(super) fn decode(part: &[u8]) -> Result<String, FormError> {
    let mut out = Vec::with_capacity(part.len());
    let mut rest = part.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let high = rest
                    .next()
                    .and_then(|b| hex_digit(*b))
                    .ok_or(FormError::Percent)?;
                let low = rest
                    .next()
                    .and_then(|b| hex_digit(*b))
                    .ok_or(FormError::Percent)?;
                out.push(high << 4 | low);
            }
            b'+' => out.push(b' '),
            other => out.push(*other),
        }
    }
    String::from_utf8(out).map_err(|_| FormError::Utf8)
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
