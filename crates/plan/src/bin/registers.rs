//! Holds a register (`docs/advisories.toml`) against a run of the tests: `registers JUNIT REGISTER…`. Every entry names tests
//! that ran and passed in it, or says why it does not apply.

use std::{collections::BTreeMap, fs, process::ExitCode};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    what: String,
    source: String,
    #[serde(default)]
    tests: Vec<String>,
    does_not_apply: Option<String>,
}

fn main() -> ExitCode {
    let mut files = std::env::args().skip(1);
    let Some(junit) = files.next() else {
        eprintln!("registers: name the JUnit file of a run, and the registers");
        return ExitCode::from(2);
    };
    let mut wrong = Vec::new();
    match fs::read_to_string(&junit) {
        Ok(text) => {
            let ran = passed(&text);
            for file in files {
                match fs::read_to_string(&file)
                    .map_err(|error| error.to_string())
                    .and_then(|text| check(&text, &ran))
                {
                    Ok(found) => wrong.extend(found.into_iter().map(|line| format!("{file}: {line}"))),
                    Err(error) => wrong.push(format!("{file}: {error}")),
                }
            }
        }
        Err(error) => wrong.push(format!("{junit}: {error}")),
    }
    for line in &wrong {
        eprintln!("registers: {line}");
    }
    if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Every part of the names of tests (`module::name::sqlite`), and whether all that have it passed.
fn passed(junit: &str) -> BTreeMap<String, bool> {
    let mut ran = BTreeMap::new();
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
        let good = head.ends_with('/')
            || !(body.contains("<failure") || body.contains("<error") || body.contains("<skipped"));
        for part in name.split("::") {
            *ran.entry(part.to_owned()).or_insert(true) &= good;
        }
    }
    ran
}

fn check(register: &str, ran: &BTreeMap<String, bool>) -> Result<Vec<String>, String> {
    let entries: BTreeMap<String, Entry> = toml::from_str(register).map_err(|error| error.to_string())?;
    let mut wrong = Vec::new();
    for (id, entry) in entries {
        if entry.what.is_empty() || entry.source.is_empty() {
            wrong.push(format!("{id} has to say what it is and where it comes from"));
        }
        if entry.tests.is_empty() == entry.does_not_apply.as_deref().unwrap_or_default().is_empty() {
            wrong.push(format!("{id} has to name tests, or say why it does not apply"));
        }
        for test in entry.tests {
            match ran.get(&test) {
                Some(true) => {}
                Some(false) => wrong.push(format!("{id}: {test} did not pass")),
                None => wrong.push(format!("{id}: {test} did not run")),
            }
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = r#"<testsuites><testsuite name="server::it">
        <testcase name="crawl::s01_good::sqlite" classname="server::it" time="1"></testcase>
        <testcase name="crawl::s01_good::postgres" classname="server::it" time="1"/>
        <testcase name="crawl::s02_half::sqlite" classname="server::it" time="1"></testcase>
        <testcase name="crawl::s02_half::postgres" classname="server::it"><failure type="x">text</failure></testcase>
        </testsuite></testsuites>"#;

    #[test]
    fn an_entry_names_what_ran_and_passed_or_says_why_not() {
        let says = |entry: &str| {
            let text = format!("[S01]\nwhat = \"x\"\nsource = \"y\"\n{entry}");
            check(&text, &passed(RUN)).expect("a register")
        };
        assert_eq!(says("tests = [\"s01_good\"]"), Vec::<String>::new());
        assert_eq!(says("does_not_apply = \"no such page\""), Vec::<String>::new());
        assert_eq!(says("tests = [\"s02_half\"]"), ["S01: s02_half did not pass"]);
        assert_eq!(says("tests = [\"s03_gone\"]"), ["S01: s03_gone did not run"]);
        assert_eq!(says(""), ["S01 has to name tests, or say why it does not apply"]);
        assert_eq!(says("tests = []\ndoes_not_apply = \"\"").len(), 1);
        assert!(check("[S01]\nwhat = 1", &passed(RUN)).is_err());
    }
}
