//! What nextest writes about a run: which tests ran, and how they did.

use std::collections::{BTreeMap, BTreeSet};

/// How a test did, by the databases that it ran on; an empty name where there is none.
#[derive(Debug, Default)]
pub struct Ran {
    pub passed: BTreeSet<&'static str>,
    pub failed: BTreeSet<&'static str>,
    /// File and line of the first failure, where it says so.
    pub failed_at: Option<String>,
    /// It was stopped because it took too long.
    pub timed_out: bool,
}

impl Ran {
    pub fn ran_on(&self, database: &str) -> bool {
        self.passed.contains(database) || self.failed.contains(database)
    }
}

/// By the name of the test, without its module and its database.
pub fn read(junit: &str) -> BTreeMap<String, Ran> {
    let mut ran: BTreeMap<String, Ran> = BTreeMap::new();
    for case in junit.split("<testcase ").skip(1) {
        let Some((head, body)) = case.split_once('>') else {
            continue;
        };
        let Some(name) = head
            .split("name=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
        else {
            continue;
        };
        let body = body.split("</testcase>").next().unwrap_or_default();
        let is_bad = !head.ends_with('/')
            && ["<failure", "<error", "<skipped"]
                .iter()
                .any(|mark| body.contains(mark));
        let (name, database) = match name.rsplit_once("::") {
            Some((name, "sqlite")) => (name, "sqlite"),
            Some((name, "postgres")) => (name, "postgres"),
            _ => (name, ""),
        };
        let test = ran
            .entry(name.rsplit("::").next().unwrap_or(name).to_owned())
            .or_default();
        test.timed_out |= is_bad && body.contains("type=\"test timeout\"");
        if is_bad {
            test.failed_at = test.failed_at.take().or_else(|| place(body));
            test.failed.insert(database);
        } else {
            test.passed.insert(database);
        }
    }
    ran
}

/// Of "… panicked at server/tests/it/access.rs:52:13" without the column.
fn place(body: &str) -> Option<String> {
    let rest = body.split("panicked at ").nth(1)?;
    let at = rest.split(['"', '\n']).next()?.trim().trim_end_matches(':');
    let (line, _column) = at.rsplit_once(':')?;
    Some(line.to_owned())
}
