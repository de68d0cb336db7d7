//! The register of sabotages (`docs/sabotages.toml`): which defence is taken away where, and which test sees it.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

/// Where the register is, from the root of the project.
pub const REGISTER: &str = "docs/sabotages.toml";
/// With fewer than these it proves too little.
pub const FEWEST: usize = 20;
/// So many of them at least are seen by the server as a whole, through its router.
pub const FEWEST_THROUGH_THE_SERVER: usize = 8;

/// One defence that is taken away.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sabotage {
    /// What is possible then, in one sentence.
    pub what: String,
    pub file: String,
    /// Stands exactly once in the file.
    pub find: String,
    /// What stands there instead.
    pub put: String,
    /// Where the test is.
    pub package: String,
    /// `lib`, or the name of an integration test binary.
    #[serde(rename = "in")]
    pub binary: String,
    /// The name of a function, without its module.
    pub test: String,
}

impl Sabotage {
    /// The file without the defence.
    pub fn apply(&self, text: &str) -> Result<String, String> {
        match text.matches(&self.find).count() {
            1 => Ok(text.replacen(&self.find, &self.put, 1)),
            count => Err(format!("what it replaces is {count} times in {}", self.file)),
        }
    }
}

/// By their names.
pub fn read(register: &str) -> Result<BTreeMap<String, Sabotage>, String> {
    toml::from_str(register).map_err(|error| error.to_string())
}

/// What does not fit the sources below `root`; empty when all of it does.
pub fn misfits(sabotages: &BTreeMap<String, Sabotage>, root: &Path) -> Vec<String> {
    let through_the_server = |one: &&Sabotage| one.package == "server" && one.binary != "lib";
    let mut wrong = Vec::new();
    if sabotages.len() < FEWEST
        || sabotages.values().filter(through_the_server).count() < FEWEST_THROUGH_THE_SERVER
    {
        wrong.push(format!(
            "there have to be {FEWEST} of them at least, {FEWEST_THROUGH_THE_SERVER} through the server"
        ));
    }
    for (id, one) in sabotages {
        if one.what.is_empty() || one.what.contains('\n') || one.what.contains('|') {
            wrong.push(format!("{id} has to say in one line what it takes away"));
        }
        match fs::read_to_string(root.join(&one.file)).map_err(|error| format!("{}: {error}", one.file)) {
            Err(error) => wrong.push(format!("{id}: {error}")),
            Ok(text) => match one.apply(&text) {
                Ok(changed) if changed == text => wrong.push(format!("{id} changes nothing")),
                Ok(_) => {}
                Err(error) => wrong.push(format!("{id}: {error}")),
            },
        }
        if !is_test_of(root, one) {
            wrong.push(format!(
                "{id}: {} has no test {} in {}",
                one.package, one.test, one.binary
            ));
        }
    }
    wrong
}

/// Whether the function is there. That it is run is for the run to say.
fn is_test_of(root: &Path, one: &Sabotage) -> bool {
    let package = match one.package.as_str() {
        "app" | "server" | "migrations" => root.join(&one.package),
        room => root.join("crates").join(room),
    };
    let folder = match one.binary.as_str() {
        "lib" => package.join("src"),
        binary => package.join("tests").join(binary),
    };
    holds(&folder, &format!("fn {}(", one.test))
}

fn holds(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .any(|path| {
                if path.is_dir() {
                    holds(&path, text)
                } else {
                    path.extension().is_some_and(|extension| extension == "rs")
                        && fs::read_to_string(&path).is_ok_and(|source| source.contains(text))
                }
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "what = \"x\"\nfile = \"Cargo.toml\"\nfind = \"[workspace]\"\nput = \"\"\npackage = \"plan\"\nin = \"lib\"\ntest = \"what_does_not_fit_is_told\"";

    #[test]
    fn what_does_not_fit_is_told() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let says = |entry: &str| {
            let mut all = read(&format!("[one]\n{entry}")).expect("a register");
            // As many as there have to be.
            let one = all["one"].clone();
            let of_the_server = |n: usize| Sabotage {
                package: "server".into(),
                binary: "it".into(),
                test: "config".into(),
                what: n.to_string(),
                ..one.clone()
            };
            all.extend((0..FEWEST).map(|n| (format!("s{n}"), of_the_server(n))));
            let mut wrong = misfits(&all, &root);
            wrong.retain(|line| line.starts_with("one"));
            wrong
        };
        assert_eq!(says(ENTRY), Vec::<String>::new());
        let with = |from: &str, to: &str| says(&ENTRY.replace(from, to));
        assert_eq!(with("\"x\"", "\"\"").len(), 1);
        assert_eq!(
            with("[workspace]", "nowhere at all"),
            ["one: what it replaces is 0 times in Cargo.toml"]
        );
        assert!(
            with("[workspace]", "version")[0].contains("times in Cargo.toml"),
            "more than once"
        );
        assert_eq!(
            with("put = \"\"", "put = \"[workspace]\""),
            ["one changes nothing"]
        );
        assert_eq!(with("what_does", "what_never_did").len(), 1, "no such test");
        assert_eq!(with("in = \"lib\"", "in = \"plan\"").len(), 1, "it is elsewhere");
        assert_eq!(with("Cargo.toml", "no/such/file").len(), 1);
        assert!(
            read(&format!("[one]\n{ENTRY}\n[one]\n{ENTRY}")).is_err(),
            "a name twice"
        );
        assert!(read(&format!("[one]\n{ENTRY}\nmore = 1")).is_err());
        let few = read(&format!("[one]\n{ENTRY}")).expect("a register");
        assert!(misfits(&few, &root)[0].contains("at least"));
    }
}
