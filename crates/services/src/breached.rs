//! Passwords that became known when other services were broken into: a list that the operator downloads, looked up where it
//! lies. Nothing is asked of anybody outside.
//!
//! Never reads the whole list (it has tens of gigabytes), and never keeps a password.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use crypto::{Secret, password::breach_hash};

/// SHA-1, hexadecimal.
const HASH: usize = 40;
/// Looked at when it is opened, evenly over the file.
const PLACES: u64 = 64;
/// Longer than any line: the hash, a colon and a count.
const LINE: usize = 80;

/// A file with one line a password, `HASH:COUNT`, sorted by hash: the form in which “Pwned Passwords” is given out.
#[derive(Debug, Clone)]
pub struct BreachedPasswords {
    file: PathBuf,
}

impl BreachedPasswords {
    /// An error when it can't be read, its first line is not of that form, or it is not sorted by hash.
    pub fn open(file: &Path) -> io::Result<Self> {
        let list = Self {
            file: file.to_owned(),
        };
        let mut opened = File::open(file)?;
        let mut head = Vec::new();
        Read::by_ref(&mut opened)
            .take(LINE as u64)
            .read_to_end(&mut head)?;
        let bad = |why| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        if hash_at(&head, 0).is_none() {
            return bad(
                "its first line is not the SHA-1 of a password in 40 hexadecimal digits, a colon and a count",
            );
        }
        let length = opened.seek(SeekFrom::End(0))?;
        let mut before = String::new();
        for place in 0..PLACES {
            let Some((_, hash, _)) = line_from(&mut opened, 0, length / PLACES * place)? else {
                continue;
            };
            if hash < before {
                return bad("it is not sorted by hash: take the list that is ordered by hash, not by count");
            }
            before = hash;
        }
        Ok(list)
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Reads some forty places of the file.
    pub fn contains(&self, password: &Secret) -> io::Result<bool> {
        let wanted = breach_hash(password);
        let mut file = File::open(&self.file)?;
        let (mut low, mut high) = (0, file.seek(SeekFrom::End(0))?);
        // The line that begins at or after the middle is compared; `low` is always the beginning of a line.
        while low < high {
            let middle = low + (high - low) / 2;
            let Some((start, hash, end)) = line_from(&mut file, low, middle)? else {
                high = middle;
                continue;
            };
            if start >= high {
                high = middle;
                continue;
            }
            match hash.as_str().cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = end,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }
}

/// The first line that begins at or after `from`, where `low` is known to begin one: its beginning, its hash and its end.
fn line_from(file: &mut File, low: u64, from: u64) -> io::Result<Option<(u64, String, u64)>> {
    // One byte earlier: a line that begins exactly there follows a line feed.
    let at = if from > low { from - 1 } else { from };
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    Read::by_ref(file).take(2 * LINE as u64).read_to_end(&mut bytes)?;
    let start = if from > low {
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(feed) => feed + 1,
            None => return Ok(None),
        }
    } else {
        0
    };
    let Some(hash) = hash_at(&bytes, start) else {
        return Ok(None);
    };
    let rest = bytes.iter().skip(start).position(|byte| *byte == b'\n');
    let length = rest.map_or(bytes.len() - start, |feed| feed + 1);
    let begins = at + start as u64;
    Ok(Some((begins, hash, begins + length as u64)))
}

fn hash_at(bytes: &[u8], start: usize) -> Option<String> {
    let hash = bytes.get(start..start + HASH)?;
    let ends = bytes
        .get(start + HASH)
        .is_none_or(|byte| matches!(byte, b':' | b'\r' | b'\n'));
    let text = std::str::from_utf8(hash).ok()?.to_uppercase();
    (ends && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn list(name: &str, passwords: &[String], feed: &str) -> PathBuf {
        let mut lines: Vec<String> = passwords
            .iter()
            .enumerate()
            .map(|(count, password)| {
                let hash = breach_hash(&Secret::from(password.as_str()));
                format!("{hash}:{}", 7_usize.pow(u32::try_from(count % 9).expect("small")))
            })
            .collect();
        lines.sort();
        let file = std::env::temp_dir().join(format!("wabotiq-{}-{name}", std::process::id()));
        fs::write(&file, lines.join(feed)).expect("a list");
        file
    }

    #[test]
    fn every_password_of_a_breach_list_is_found_and_no_other() {
        for (name, count, feed) in [
            ("one", 1, "\n"),
            ("two", 2, "\r\n"),
            ("many", 1009, "\r\n"),
            ("unix", 500, "\n"),
        ] {
            let known: Vec<String> = (0..count).map(|n| format!("known {n}")).collect();
            let file = list(name, &known, feed);
            let breached = BreachedPasswords::open(&file).expect("a list");
            for password in &known {
                let found = breached.contains(&Secret::from(password.as_str()));
                assert!(found.expect("a look"), "{name}: {password}");
            }
            for n in 0..1000 {
                let found = breached.contains(&Secret::from(format!("unknown {n}")));
                assert!(!found.expect("a look"), "{name}: {n}");
            }
            fs::remove_file(file).expect("removed");
        }
    }

    #[test]
    fn a_list_of_another_form_is_refused() {
        let file = std::env::temp_dir().join(format!("wabotiq-{}-plain", std::process::id()));
        for text in [
            "",
            "password\n123456\n",
            "21BD1",
            "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8x",
        ] {
            fs::write(&file, text).expect("a file");
            assert!(BreachedPasswords::open(&file).is_err(), "{text}");
        }
        let by_count: Vec<String> = (0..500)
            .map(|n| format!("{}:{}", breach_hash(&Secret::from(format!("known {n}"))), 900 - n))
            .collect();
        fs::write(&file, by_count.join("\n")).expect("a file");
        let refused = BreachedPasswords::open(&file).expect_err("ordered by count");
        assert!(refused.to_string().contains("not sorted"), "{refused}");
        fs::remove_file(&file).expect("removed");
        assert!(BreachedPasswords::open(&file).is_err(), "there is none");
    }
}
