//! The floor plan: who may use whom, who owns which outside crate, and what every room has. Each rule with its reason.
#![expect(clippy::expect_used, reason = "a failed test should panic")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use plan::sabotages;

/// Which rooms a room may use (not counting tests). Wide, not tall: on two cores a straight line of crates builds on
/// one core, and a change of `store` must not rebuild `app`.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("contract", &["domain"]),
    ("crypto", &["domain"]),
    ("authz", &["domain", "crypto"]),
    ("intent", &["domain"]),
    ("providers", &["domain", "crypto", "intent"]),
    ("migrations", &[]),
    ("store", &["domain", "authz", "crypto", "migrations"]),
    ("services", &["domain", "contract", "authz", "store", "crypto"]),
    (
        "worker",
        &["domain", "authz", "store", "crypto", "intent", "providers"],
    ),
    ("app", &["domain", "contract"]),
    ("frontend", &["app"]),
    (
        "server",
        &[
            "app",
            "authz",
            "contract",
            "crypto",
            "domain",
            "intent",
            "migrations",
            "providers",
            "services",
            "store",
            "worker",
        ],
    ),
    ("testkit", &["domain", "authz", "crypto", "migrations", "store"]),
    ("plan", &[]),
];

/// Outside crates that only some rooms may touch (not counting tests), and why.
const OWNERS: &[(&str, &[&str], &str)] = &[
    ("sea-orm", &["store", "testkit"], "SQL has one room"),
    ("sea-orm-migration", &["migrations"], "the schema has one room"),
    ("sqlx", &["store"], "SQL has one room"),
    ("axum", &["server"], "HTTP stands at the edge"),
    ("axum-extra", &["server"], "HTTP stands at the edge"),
    ("tower-sessions", &["server"], "HTTP stands at the edge"),
    (
        "reqwest",
        &["providers"],
        "there is one HTTP client, with its guard",
    ),
    (
        "leptos",
        &["app", "frontend", "server"],
        "pages are made in one room",
    ),
    ("leptos_axum", &["app", "server"], "pages are made in one room"),
    ("jsonwebtoken", &["crypto"], "cryptography has one room"),
    ("aes-gcm", &["crypto"], "cryptography has one room"),
    ("argon2", &["crypto"], "cryptography has one room"),
    ("hmac", &["crypto"], "cryptography has one room"),
    ("sha1", &["crypto"], "cryptography has one room"),
    ("jsonschema", &["intent"], "a reading is validated in one place"),
    ("ammonia", &["services"], "HTML is made safe in one place"),
];

/// What the browser downloads stays small: none of these in the rooms that are compiled for it.
const NOT_IN_THE_BROWSER: &[&str] = &[
    "regex",
    "chrono-tz",
    "phonenumber",
    "jsonschema",
    "tokio",
    "reqwest",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the root of the project")
}

fn rooms() -> Vec<Package> {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .expect("cargo metadata");
    metadata.packages
}

fn uses(package: &Package) -> Vec<&str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
        .collect()
}

#[test]
fn rooms_use_only_the_rooms_they_may() {
    let edges: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let rooms = rooms();
    assert_eq!(rooms.len(), EDGES.len(), "every room stands in the plan");
    for room in &rooms {
        let allowed = edges
            .get(room.name.as_str())
            .unwrap_or_else(|| panic!("{} is not in the plan", room.name));
        for used in uses(room).into_iter().filter(|used| edges.contains_key(used)) {
            assert!(
                allowed.contains(&used),
                "{} may not use {used}: see EDGES in crates/plan",
                room.name
            );
        }
    }
}

#[test]
fn s20_outside_crates_have_owners() {
    for room in &rooms() {
        for used in uses(room) {
            if let Some((_, owners, why)) = OWNERS.iter().find(|(outside, ..)| *outside == used) {
                assert!(
                    owners.contains(&room.name.as_str()),
                    "{} may not use {used}: {why}",
                    room.name
                );
            }
        }
    }
}

#[test]
fn what_the_browser_downloads_stays_small() {
    for room in rooms()
        .iter()
        .filter(|room| ["domain", "contract", "app", "frontend"].contains(&room.name.as_str()))
    {
        for used in uses(room) {
            assert!(
                !NOT_IN_THE_BROWSER.contains(&used),
                "{} is compiled for the browser: no {used} there",
                room.name
            );
        }
    }
}

#[test]
fn every_room_takes_the_lints_of_the_house() {
    for room in &rooms() {
        let manifest = fs::read_to_string(&room.manifest_path).expect("a manifest");
        let exempt = room.name.as_str() == "frontend";
        assert!(
            exempt || manifest.contains("[lints]\nworkspace = true"),
            "{} must say `[lints] workspace = true`",
            room.name
        );
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in [
        "app/src",
        "frontend/src",
        "server/src",
        "migrations/src",
        "crates",
    ] {
        rust_files(&root().join(folder), &mut found);
    }
    found
}

#[test]
fn files_stay_short_enough_to_hold_in_one_hand() {
    for path in sources() {
        let lines = fs::read_to_string(&path).expect("a file").lines().count();
        assert!(
            lines <= 520,
            "{} has {lines} lines: split it (aim at 400)",
            path.display()
        );
    }
}

/// A rotation of the encryption keys finds what is declared in one list, and nothing else.
#[test]
fn whatever_is_encrypted_is_declared() {
    let list = root().join("crates/store/src/sealed.rs");
    for path in sources() {
        let is_crypto =
            path.starts_with(root().join("crates/crypto")) || path.starts_with(root().join("crates/plan"));
        if is_crypto || path == list {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a file");
        for made in ["Place {", "Place::"] {
            assert!(
                !(text.contains("keyring") && text.contains(made)),
                "{} makes a place for an envelope: declare the column in crates/store/src/sealed.rs and use its place()",
                path.display()
            );
        }
    }
}

/// Money has no path but its own rooms: nobody else writes its tables.
#[test]
fn money_is_written_in_its_own_rooms_only() {
    const ROOMS: &[&str] = &[
        "asking.rs",
        "carrying_out.rs",
        "deciding.rs",
        "destinations.rs",
        "ledger.rs",
        "money_keys.rs",
        "payouts.rs",
    ];
    // One row that says how far a clock may be off.
    const DOOR: &str = "crates/store/src/door/money.rs";
    let rooms = root().join("crates/store/src/rooms");
    let mut writers = 0;
    for path in sources()
        .iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "src"))
    {
        let text = fs::read_to_string(path).expect("a file");
        let writes = ["INSERT INTO ", "UPDATE ", "DELETE FROM "].iter().any(|verb| {
            ["wallet_", "approval_", "payout", "money_"]
                .iter()
                .any(|table| text.contains(&format!("{verb}{table}")))
        });
        if !writes || path.starts_with(root().join("crates/plan")) {
            continue;
        }
        let is_room = ROOMS.iter().any(|room| *path == rooms.join(room));
        assert!(
            is_room || *path == root().join(DOOR),
            "{} writes money: that is for crates/store/src/rooms only",
            path.display()
        );
        writers += 1;
    }
    assert_eq!(
        writers,
        ROOMS.len() + 1,
        "each of them writes: the question is wrong otherwise"
    );
}

#[test]
fn a_room_says_what_it_is() {
    for room in &rooms() {
        let source = room.manifest_path.parent().expect("a folder").join("src");
        let entry = [source.join("lib.rs"), source.join("main.rs")]
            .into_iter()
            .find(|path| path.exists());
        let text = fs::read_to_string(entry.expect("an entry file")).expect("a file");
        assert!(
            text.starts_with("//!"),
            "{}: begin with `//!` and what the room is",
            room.name
        );
    }
}

/// `key = value` lines of one table, up to the next heading.
fn table(file: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join(file)).expect("a file");
    text.lines()
        .skip_while(|line| line.trim() != "[[workspace.metadata.leptos]]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

#[test]
fn the_run_time_settings_of_leptos_are_those_of_the_build() {
    let (run, build) = (table("Leptos.toml"), table("Cargo.toml"));
    assert!(
        !run.is_empty(),
        "Leptos.toml has the heading that leptos_config reads"
    );
    for (key, value) in run {
        assert_eq!(
            build.get(&key),
            Some(&value),
            "{key} differs between Leptos.toml and Cargo.toml"
        );
    }
}

#[test]
fn the_tree_has_the_agreed_top_level() {
    for entry in [
        "Cargo.toml",
        "Leptos.toml",
        "Makefile",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "clippy.toml",
        "rustfmt.toml",
        ".ci/run",
        ".config/nextest.toml",
        "app",
        "frontend",
        "server",
        "migrations",
        "style",
        "public",
        "end2end",
        "docs/recipes",
    ] {
        assert!(root().join(entry).exists(), "{entry} is missing");
    }
}

/// What `make sabotage` takes away still stands where it says, and the tests it names are there.
#[test]
fn the_register_of_sabotages_fits_the_sources() {
    let text = fs::read_to_string(root().join(sabotages::REGISTER)).expect("a register");
    let all = sabotages::read(&text).expect("a register");
    assert_eq!(sabotages::misfits(&all, &root()), Vec::<String>::new());
}
