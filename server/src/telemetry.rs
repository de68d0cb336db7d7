//! The log: where it goes, and the last net under secrets.
//!
//! Secrets are unprintable by type; what is caught here was written into a text by mistake.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::config::{Config, LogFormat};

const HIDDEN: &str = "***REDACTED***";

/// Starts logging to standard error, and to `LOG_FILE` besides.
pub fn start(config: &Config) -> Result<(), String> {
    let file = match &config.log_file {
        Some(path) => Some(
            open(path).map_err(|error| format!("LOG_FILE {} can't be written: {error}", path.display()))?,
        ),
        None => None,
    };
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_sessions=warn,tower_sessions_core=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Net {
            file: file.map(|file| Arc::new(Mutex::new(file))),
        });
    // Fails only when a log was started before, as in tests: then that one goes on.
    match config.log_format {
        LogFormat::Json => drop(builder.json().try_init()),
        LogFormat::Pretty => drop(builder.try_init()),
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

#[derive(Clone)]
struct Net {
    file: Option<Arc<Mutex<File>>>,
}

impl<'a> MakeWriter<'a> for Net {
    type Writer = Net;
    fn make_writer(&'a self) -> Net {
        self.clone()
    }
}

impl Write for Net {
    /// The formatter hands over one whole event at a time.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = redact(&String::from_utf8_lossy(bytes));
        io::stderr().write_all(text.as_bytes())?;
        if let Some(file) = &self.file
            && let Ok(mut file) = file.lock()
        {
            file.write_all(text.as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Hides what the seed guide's four patterns find (`sk-…`, api_key, password and token with a value), and bearer
/// credentials. The characters around a value stay, so that JSON stays JSON.
pub fn redact(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if let Some((prefix, end)) = secret_at(&lower, at) {
            out.push_str(&text[at..prefix]);
            out.push_str(HIDDEN);
            at = end;
        } else {
            let next = text[at..].chars().next().map_or(1, char::len_utf8);
            out.push_str(&text[at..at + next]);
            at += next;
        }
    }
    out
}

/// Where the value of a secret that begins at `at` starts and ends.
fn secret_at(lower: &str, at: usize) -> Option<(usize, usize)> {
    let rest = lower.get(at..)?;
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let run = |from: usize, fits: &dyn Fn(u8) -> bool| {
        lower.as_bytes()[from..].iter().take_while(|b| fits(**b)).count()
    };
    if rest.starts_with("sk-") {
        let length = run(at + 3, &|b| b.is_ascii_alphanumeric());
        return (length >= 48).then_some((at + 3, at + 3 + length));
    }
    if rest.starts_with("bearer ") {
        let length = run(at + 7, &|b| word(b) || b == b'.');
        return (length > 0).then_some((at + 7, at + 7 + length));
    }
    let name = ["api_key", "password", "token"]
        .into_iter()
        .find(|name| rest.starts_with(name))?;
    let mut from = at + name.len();
    let skip = |from: usize, set: &'static [u8]| from + run(from, &|b| set.contains(&b));
    from = skip(from, b"\"'\\");
    from = skip(from, b" ");
    if !matches!(lower.as_bytes().get(from), Some(b':' | b'=')) {
        return None;
    }
    from = skip(from + 1, b" ");
    from = skip(from, b"\"'\\");
    let length = match name {
        // A password may have spaces: up to the closing quote or the end of the line.
        "password" => run(from, &|b| !matches!(b, b'"' | b'\'' | b'\\' | b'\n')),
        _ => run(from, &|b| word(b) || b == b'.'),
    };
    (length > 0).then_some((from, from + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_patterns_are_hidden_and_the_rest_stays() {
        let check = |text: &str, expect: &str| assert_eq!(redact(text), expect);
        let key = "a1".repeat(24);
        check(&format!("key sk-{key} used"), "key sk-***REDACTED*** used");
        check("sk-short stays", "sk-short stays");
        check(
            r#"{"api_key": "abc-DEF_1", "n": 1}"#,
            r#"{"api_key": "***REDACTED***", "n": 1}"#,
        );
        check(
            r#"{"Password":"two words","n":1}"#,
            r#"{"Password":"***REDACTED***","n":1}"#,
        );
        check("auth_token=abc123 next", "auth_token=***REDACTED*** next");
        check(
            "Authorization: Bearer ab.cd.ef x",
            "Authorization: Bearer ***REDACTED*** x",
        );
        check("a token was é refused", "a token was é refused");
    }
}
