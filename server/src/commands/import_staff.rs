//! `wabotiq import-staff`: people of another program, with the passwords that they have there.
//!
//! Looks at every line before it writes the first one; run again, it goes on with whoever is not there yet.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use authz::UsersManage;
use clap::Args;
use crypto::{imported::Imported, machine};
use serde::Deserialize;
use store::{NewUser, Store, StoreError};

use crate::{boot, config::Config};

/// Lines that are named when they can't be used; the rest are only counted.
const NAMED: usize = 20;

#[derive(Args)]
pub struct ImportStaff {
    /// The business, by its short name
    #[arg(long)]
    tenant: String,
    /// What they may do there
    #[arg(long)]
    role: String,
    /// CSV with the columns email, name and password
    file: PathBuf,
}

#[derive(Deserialize)]
struct Person {
    email: String,
    name: String,
    /// `pbkdf2_sha256$…`
    password: String,
}

impl Person {
    fn checked(self) -> Result<Self> {
        let email = self.email.trim().to_lowercase();
        if !email.contains('@') || email.len() > 254 {
            bail!("{email:?} is not an e-mail address");
        }
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > 120 {
            bail!("the name of {email} has to have 1 to 120 characters");
        }
        if Imported::parse(&self.password).is_none() {
            // Never the hash itself.
            bail!("the password of {email} is not a hash of the form pbkdf2_sha256$rounds$salt$hash");
        }
        Ok(Self {
            email,
            name,
            password: self.password,
        })
    }
}

pub async fn run(config: &Config, command: ImportStaff) -> Result<()> {
    let people = read(&command.file)?;
    let store = boot::open_store(config, machine::world()).await?;
    let token = boot::machine_token();
    let tenant = store.tenant_by_slug(&token, &command.tenant).await?;
    let tenant = tenant.ok_or_else(|| anyhow!("there is no business {}", command.tenant))?;
    if tenant.id.is_platform() {
        bail!("the platform is no business: see `wabotiq operator add`");
    }
    let proof = token.act_for::<UsersManage>(tenant.id);
    let roles = store.look(&proof).await?.roles().await?;
    if !roles.iter().any(|role| role.name == command.role) {
        let names: Vec<_> = roles.into_iter().map(|role| role.name).collect();
        bail!(
            "{} has no role {}; it has {}",
            command.tenant,
            command.role,
            names.join(", ")
        );
    }
    let (mut new, mut known) = (0, 0);
    for person in people {
        let email = person.email.clone();
        let user = match account(&store, person).await? {
            (user, true) => user,
            (user, false) => {
                println!("{email}: has an account already, whose password stays");
                user
            }
        };
        match store.import_member(&token, tenant.id, user, &command.role).await {
            Ok(_) => new += 1,
            Err(StoreError::Taken(_)) => known += 1,
            Err(error) => return Err(error.into()),
        }
    }
    println!("{new} joined {}, {known} were there already.", command.tenant);
    Ok(())
}

/// And whether it is a new one.
async fn account(store: &Store, person: Person) -> Result<(domain::ids::UserId, bool)> {
    if let Some(known) = store.find_user(&person.email).await? {
        return Ok((known.id, false));
    }
    let new = NewUser {
        email: person.email,
        name: person.name,
        password_hash: person.password,
    };
    Ok((store.create_user(&boot::machine_token(), new).await?, true))
}

fn read(file: &PathBuf) -> Result<Vec<Person>> {
    let mut lines =
        csv::Reader::from_path(file).with_context(|| format!("{} can't be read", file.display()))?;
    let (mut people, mut wrong) = (Vec::new(), Vec::new());
    for (at, line) in lines.deserialize::<Person>().enumerate() {
        match line.map_err(anyhow::Error::from).and_then(Person::checked) {
            Ok(person) => people.push(person),
            // The first line is the head.
            Err(error) => wrong.push(format!("line {}: {error}", at + 2)),
        }
    }
    if !wrong.is_empty() {
        let more = wrong.len().saturating_sub(NAMED);
        wrong.truncate(NAMED);
        if more > 0 {
            wrong.push(format!("and {more} more"));
        }
        bail!("nobody was brought along:\n{}", wrong.join("\n"));
    }
    Ok(people)
}
