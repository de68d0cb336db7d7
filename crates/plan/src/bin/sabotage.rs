//! Takes the defences of `docs/sabotages.toml` away, one at a time, in a copy of the tree, and demands that the test which is
//! named for each turns red: `sabotage [--folder FOLDER] [--target FOLDER] [NAME…]`. After all of them it prints
//! `docs/sabotages.md`; with names, only those are tried.
//!
//! Nothing else of the checkout it runs from is touched. A change that does not build, and a test that did not run, prove
//! nothing: they are faults of the register.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Output, Stdio},
    time::Instant,
};

use plan::{
    junit::{self, Ran},
    sabotages::{self, REGISTER, Sabotage},
};

const REPORT: &str = "docs/sabotages.md";
const USAGE: &str = "usage: sabotage [--folder FOLDER] [--target FOLDER] [NAME…]";
/// What nextest says when tests failed; a build that failed is another number.
const TESTS_FAILED: i32 = 100;
/// Lines of a failed build that are shown.
const SHOWN: usize = 40;
/// Stands in the copy: a folder without it that holds anything is somebody's own.
const MARK: &str = ".copy-for-sabotage";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sabotage: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every one of them was seen.
fn run() -> Result<bool, String> {
    let root = PathBuf::from(text_of(
        Command::new("git").args(["rev-parse", "--show-toplevel"]),
    )?);
    let asked = Asked::read(std::env::args().skip(1), &root)?;
    let register = fs::read_to_string(root.join(REGISTER)).map_err(|error| format!("{REGISTER}: {error}"))?;
    let all = sabotages::read(&register)?;
    let wrong = sabotages::misfits(&all, &root);
    if !wrong.is_empty() {
        return Err(format!(
            "{REGISTER} does not fit the sources:\n  {}",
            wrong.join("\n  ")
        ));
    }
    if let Some(unknown) = asked.names.iter().find(|name| !all.contains_key(*name)) {
        return Err(format!("{REGISTER} has no {unknown}"));
    }
    let is_asked = |id: &String| asked.names.is_empty() || asked.names.contains(id);
    let mut chosen: Vec<(&String, &Sabotage)> = all.iter().filter(|(id, _)| is_asked(id)).collect();
    // What is built together comes one after the other.
    chosen.sort_by_key(|(id, one)| (&one.package, &one.binary, &one.file, *id));

    let commit = text_of(Command::new("git").args(["rev-parse", "--short=12", "HEAD"]))?;
    let bench = Bench {
        tree: asked.folder,
        target: asked.target,
    };
    bench.copy(&root)?;
    bench.all_pass_as_they_are(&chosen)?;
    let mut results = BTreeMap::new();
    for (id, one) in chosen {
        let started = Instant::now();
        let result = bench.try_one(one)?;
        println!(
            "{id}: {} {} ({} s)",
            one.test,
            in_words(&result),
            started.elapsed().as_secs()
        );
        results.insert(id.clone(), result);
    }
    let seen = results.values().filter(|result| result.is_ok()).count();
    println!("{seen} of {} were seen", results.len());
    if asked.names.is_empty() {
        let date = text_of(Command::new("date").args(["-u", "+%F"]))?;
        fs::write(root.join(REPORT), report(&all, &results, &date, &commit))
            .map_err(|error| format!("{REPORT}: {error}"))?;
    }
    Ok(seen == results.len())
}

struct Asked {
    /// Where the copy is.
    folder: PathBuf,
    /// Where it is built.
    target: PathBuf,
    names: BTreeSet<String>,
}

impl Asked {
    fn read(mut words: impl Iterator<Item = String>, root: &Path) -> Result<Self, String> {
        let mut asked = Self {
            folder: root.join("target/sabotage/tree"),
            target: root.join("target/sabotage/target"),
            names: BTreeSet::new(),
        };
        while let Some(word) = words.next() {
            let mut path = || words.next().map(|path| root.join(path)).ok_or(USAGE);
            match word.as_str() {
                "--folder" => asked.folder = path()?,
                "--target" => asked.target = path()?,
                option if option.starts_with('-') => return Err(USAGE.to_owned()),
                _ => drop(asked.names.insert(word)),
            }
        }
        if root.starts_with(&asked.folder) {
            return Err("the folder for the copy is, or holds, the checkout itself".to_owned());
        }
        Ok(asked)
    }
}

/// Where the test failed and on which databases, or why it proves nothing.
type Seen = Result<String, String>;

fn in_words(seen: &Seen) -> &str {
    match seen {
        Ok(words) | Err(words) => words,
    }
}

struct Bench {
    tree: PathBuf,
    target: PathBuf,
}

impl Bench {
    /// What git tracks, as it lies there. A file that is the same already stays, so that it is not built again.
    fn copy(&self, root: &Path) -> Result<(), String> {
        let mark = self.tree.join(MARK);
        let there = files_below(&self.tree)?;
        if !there.is_empty() && !mark.exists() {
            return Err(format!(
                "{} holds files that are no copy: choose another folder",
                self.tree.display()
            ));
        }
        fs::create_dir_all(&self.tree)
            .and_then(|()| fs::write(&mark, ""))
            .map_err(|error| format!("{}: {error}", mark.display()))?;
        let tracked = text_of(Command::new("git").args(["ls-files", "-z"]).current_dir(root))?;
        let tracked: BTreeSet<PathBuf> = tracked
            .split('\0')
            .filter(|name| !name.is_empty() && root.join(name).is_file())
            .map(PathBuf::from)
            .collect();
        for file in there.into_iter().filter(|file| *file != mark) {
            let is_gone = file
                .strip_prefix(&self.tree)
                .is_ok_and(|name| !tracked.contains(name));
            if is_gone {
                fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            }
        }
        for name in tracked {
            let (from, to) = (root.join(&name), self.tree.join(&name));
            let failed = |error| format!("{}: {error}", name.display());
            if fs::read(&to).is_ok_and(|there| fs::read(&from).is_ok_and(|here| here == there)) {
                continue;
            }
            fs::create_dir_all(to.parent().unwrap_or(&self.tree)).map_err(failed)?;
            fs::copy(&from, &to).map_err(failed)?;
        }
        Ok(())
    }

    fn all_pass_as_they_are(&self, chosen: &[(&String, &Sabotage)]) -> Result<(), String> {
        let mut tests: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for (_, one) in chosen {
            let place = (one.package.as_str(), one.binary.as_str());
            tests.entry(place).or_default().insert(&one.test);
        }
        for (place, names) in tests {
            let names: Vec<&str> = names.into_iter().collect();
            let (output, ran) = self.nextest(place, &names)?;
            let bad = names
                .iter()
                .find(|name| ran.get(**name).is_none_or(|ran| !ran.failed.is_empty()));
            match bad {
                None if output.status.success() => {
                    println!(
                        "{} {}: {} tests pass with every defence in its place",
                        place.0,
                        place.1,
                        names.len()
                    );
                }
                bad => {
                    let name = bad.unwrap_or(&"nextest");
                    return Err(format!("{name} does not pass as it is:\n{}", end_of(&output)));
                }
            }
        }
        Ok(())
    }

    /// An error is a fault of this machine; what proves nothing is a result.
    fn try_one(&self, one: &Sabotage) -> Result<Seen, String> {
        let file = self.tree.join(&one.file);
        let failed = |error| format!("{}: {error}", file.display());
        let whole = fs::read_to_string(&file).map_err(failed)?;
        fs::write(&file, one.apply(&whole)?).map_err(failed)?;
        let tried = self.nextest((&one.package, &one.binary), &[&one.test]);
        fs::write(&file, whole).map_err(failed)?;
        let (output, ran) = tried?;
        Ok(
            judge(one, output.status.code(), &ran).map_err(|why| match ran.is_empty() {
                true => format!("{why}\n{}", end_of(&output)),
                false => why,
            }),
        )
    }

    /// Runs exactly these tests, each on every database it has.
    fn nextest(
        &self,
        (package, binary): (&str, &str),
        names: &[&str],
    ) -> Result<(Output, BTreeMap<String, Ran>), String> {
        // Beside the sources, wherever it is built.
        let junit = self.tree.join("target/nextest/default/junit.xml");
        // That of the run before would be taken for this one's when nothing ran.
        if junit.exists() {
            fs::remove_file(&junit).map_err(|error| format!("{}: {error}", junit.display()))?;
        }
        let mut command = Command::new("cargo");
        command.args(["nextest", "run", "--profile", "default", "--package", package]);
        match binary {
            "lib" => command.arg("--lib"),
            binary => command.args(["--test", binary]),
        };
        let filter = format!("test(/(^|::)({})(::(sqlite|postgres))?$/)", names.join("|"));
        let output = command
            .args(["--filterset", &filter])
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cargo nextest: {error}"))?;
        let ran = fs::read_to_string(&junit).unwrap_or_default();
        Ok((output, junit::read(&ran)))
    }
}

fn judge(one: &Sabotage, code: Option<i32>, ran: &BTreeMap<String, Ran>) -> Seen {
    match (code, ran.get(&one.test)) {
        (Some(TESTS_FAILED), Some(ran)) if ran.timed_out => {
            Err("took too long: it does not say what it saw".to_owned())
        }
        (Some(TESTS_FAILED), Some(ran)) if !ran.failed.is_empty() => Ok(red(ran)),
        (Some(0), Some(_)) => Err("STAYS GREEN without the defence".to_owned()),
        (_, Some(_)) => Err("did not end as tests end".to_owned()),
        (_, None) => Err("DID NOT RUN: the change does not build, or there is no such test".to_owned()),
    }
}

fn red(ran: &Ran) -> String {
    let databases: Vec<&str> = ran
        .failed
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect();
    let mut words = "red".to_owned();
    if !databases.is_empty() {
        words.push_str(&format!(" on {}", databases.join(" and ")));
    }
    if let Some(place) = &ran.failed_at {
        words.push_str(&format!(", at {place}"));
    }
    words
}

fn report(
    all: &BTreeMap<String, Sabotage>,
    results: &BTreeMap<String, Seen>,
    date: &str,
    commit: &str,
) -> String {
    let seen = results.values().filter(|result| result.is_ok()).count();
    let mut text = format!(
        "# Sabotages\n\nPrinted by `make sabotage` on {date}, of commit {commit}: each line is a defence that was taken away \
         in a copy of the tree, and the test that turned red. {seen} of {} were seen. What was changed where is in \
         [sabotages.toml](sabotages.toml).\n\n| Name | What is taken away | Test | Result |\n|---|---|---|---|\n",
        results.len()
    );
    for (id, one) in all {
        let result = results.get(id).map_or("", in_words);
        let first = result.lines().next().unwrap_or_default();
        text.push_str(&format!(
            "| {id} | {} | `{}` ({}) | {first} |\n",
            one.what, one.test, one.package
        ));
    }
    text
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn end_of(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

/// What a command prints.
fn text_of(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?} failed: {}", end_of(&output)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Sabotage {
        Sabotage {
            what: "Everybody is let in".into(),
            file: "door.rs".into(),
            find: "if is_known {".into(),
            put: "if true {".into(),
            package: "server".into(),
            binary: "it".into(),
            test: "strangers_stay_out".into(),
        }
    }

    #[test]
    fn only_a_test_that_ran_and_failed_has_seen_it() {
        let bad = r#"<failure type="test failure">text</failure>"#;
        let ran = |sqlite: &str, postgres: &str| {
            let case = |database: &str, body: &str| {
                format!("<testcase name=\"m::strangers_stay_out::{database}\">{body}</testcase>")
            };
            junit::read(&format!(
                "{}{}",
                case("sqlite", sqlite),
                case("postgres", postgres)
            ))
        };
        let says =
            |code: i32, ran: &BTreeMap<String, Ran>| in_words(&judge(&one(), Some(code), ran)).to_owned();
        assert_eq!(says(100, &ran(bad, bad)), "red on postgres and sqlite");
        assert_eq!(
            says(100, &ran(bad, "")),
            "red on sqlite",
            "a second defence may hold there"
        );
        assert!(says(0, &ran("", "")).contains("GREEN"));
        assert!(
            says(101, &BTreeMap::new()).contains("DID NOT RUN"),
            "a build that failed"
        );
        assert!(says(4, &BTreeMap::new()).contains("DID NOT RUN"), "no such test");
        assert!(says(100, &junit::read("<testcase name=\"m::another\"/>")).contains("DID NOT RUN"));
        let slow = r#"<failure type="test timeout"/>"#;
        assert!(says(100, &ran(slow, "")).contains("too long"));
        let plain = junit::read(&format!(
            "<testcase name=\"m::strangers_stay_out\">{bad}</testcase>"
        ));
        assert_eq!(says(100, &plain), "red");
    }

    #[test]
    fn the_report_has_a_line_for_each() {
        let all = BTreeMap::from([("door".to_owned(), one())]);
        let results = BTreeMap::from([("door".to_owned(), Err("DID NOT RUN\nerror: x".to_owned()))]);
        let text = report(&all, &results, "2026-11-24", "abc");
        assert!(
            text.contains("on 2026-11-24, of commit abc") && text.contains("0 of 1 were seen"),
            "{text}"
        );
        assert!(
            text.ends_with("| door | Everybody is let in | `strangers_stay_out` (server) | DID NOT RUN |\n"),
            "{text}"
        );
    }

    #[test]
    fn the_copy_is_never_the_checkout() {
        let read =
            |words: &[&str]| Asked::read(words.iter().map(|word| (*word).to_owned()), Path::new("/a/b"));
        for words in [
            &["--folder", "."][..],
            &["--folder", "/a/b"],
            &["--folder", "/a"],
            &["--folder"],
            &["--what"],
        ] {
            assert!(read(words).is_err(), "{words:?}");
        }
        let asked =
            read(&["--target", "/t", "door", "--folder", "/f"]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((asked.folder, asked.target), ("/f".into(), "/t".into()));
        assert!(asked.names.contains("door"));
    }
}
