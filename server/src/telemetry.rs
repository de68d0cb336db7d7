//! The log: where it goes, and the last net under secrets.
//!
//! Secrets are unprintable by type; what is caught here was written into a text by mistake.

mod redact;

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use redact::{one_line, redact};

use crate::config::{Config, LogFormat};

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
        let text = one_line(&redact(&String::from_utf8_lossy(bytes)));
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
