//! Holds registers (`docs/advisories.toml`, `docs/weaknesses.toml`, `docs/asvs.toml`) against a run of the tests: `registers JUNIT REGISTER…`. Every
//! entry names tests that ran and passed in it, on both databases where there are two; or a file to read; or says why it
//! does not apply, or what is missing.

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use plan::junit::{self, Ran};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    what: String,
    /// Where it comes from, or its level in the standard.
    source: Option<String>,
    level: Option<u8>,
    /// Where it is done.
    code: Option<String>,
    #[serde(default)]
    tests: Vec<String>,
    /// Shown by reading this file.
    reads: Option<String>,
    does_not_apply: Option<String>,
    /// Not done, and what is there instead.
    open: Option<String>,
}

fn main() -> ExitCode {
    let mut files = std::env::args().skip(1);
    let Some(junit) = files.next() else {
        eprintln!("registers: name the JUnit file of a run, and the registers");
        return ExitCode::from(2);
    };
    let read = |file: &str| fs::read_to_string(file).map_err(|error| format!("{file}: {error}"));
    let wrong = match read(&junit).map(|text| junit::read(&text)) {
        Err(error) => vec![error],
        Ok(ran) => files
            .flat_map(|file| {
                let found = read(&file).and_then(|text| check(&text, &ran));
                let lines = found.unwrap_or_else(|error| vec![error]);
                lines.into_iter().map(move |line| format!("{file}: {line}"))
            })
            .collect(),
    };
    for line in &wrong {
        eprintln!("registers: {line}");
    }
    if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn check(register: &str, ran: &BTreeMap<String, Ran>) -> Result<Vec<String>, String> {
    let entries: BTreeMap<String, Entry> = toml::from_str(register).map_err(|error| error.to_string())?;
    let mut wrong = Vec::new();
    if entries.is_empty() {
        wrong.push("there is nothing in it".to_owned());
    }
    for (id, entry) in entries {
        let says = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        if entry.what.is_empty() || !says(&entry.source) && entry.level.is_none() {
            wrong.push(format!("{id} has to say what it is and where it comes from"));
        }
        let ways = [
            !entry.tests.is_empty(),
            says(&entry.reads),
            says(&entry.does_not_apply),
            says(&entry.open),
        ];
        if ways.into_iter().filter(|way| *way).count() != 1 {
            wrong.push(format!(
                "{id} has to name tests, or a file to read, or why it does not apply, or what is open"
            ));
        }
        for file in entry.code.iter().chain(&entry.reads) {
            if !Path::new(file).is_file() {
                wrong.push(format!("{id}: there is no file {file}"));
            }
        }
        for test in entry.tests {
            match ran.get(&test) {
                None => wrong.push(format!("{id}: {test} did not run")),
                Some(found) if !found.failed.is_empty() => wrong.push(format!("{id}: {test} did not pass")),
                Some(found) if found.ran_on("sqlite") != found.ran_on("postgres") => {
                    wrong.push(format!("{id}: {test} ran on one database only"));
                }
                Some(_) => {}
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
        <testcase name="crawl::s03_alone::sqlite" classname="server::it" time="1"></testcase>
        <testcase name="s04_plain" classname="server::it" time="1"></testcase>
        </testsuite></testsuites>"#;

    #[test]
    fn an_entry_names_what_ran_and_passed_or_says_why_not() {
        let says = |entry: &str| {
            let text = format!("[S01]\nwhat = \"x\"\nsource = \"y\"\n{entry}");
            check(&text, &junit::read(RUN)).expect("a register")
        };
        assert_eq!(
            says("tests = [\"s01_good\", \"s04_plain\"]"),
            Vec::<String>::new()
        );
        assert_eq!(says("does_not_apply = \"no such page\""), Vec::<String>::new());
        assert_eq!(says("tests = [\"s02_half\"]"), ["S01: s02_half did not pass"]);
        assert_eq!(
            says("tests = [\"s03_alone\"]"),
            ["S01: s03_alone ran on one database only"]
        );
        assert_eq!(says("tests = [\"s05_gone\"]"), ["S01: s05_gone did not run"]);
        assert_eq!(
            says("tests = [\"crawl\"]"),
            ["S01: crawl did not run"],
            "a module is no test"
        );
        assert_eq!(says("reads = \"no/such/file\"").len(), 1);
        assert_eq!(says("").len(), 1);
        assert_eq!(says("tests = [\"s01_good\"]\nopen = \"and not\"").len(), 1);
        assert_eq!(
            check("", &junit::read(RUN)),
            Ok(vec!["there is nothing in it".to_owned()])
        );
        assert!(check("[S01]\nwhat = 1", &junit::read(RUN)).is_err());
    }
}
