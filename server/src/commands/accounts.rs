//! `wabotiq create-owner`: a business and the person who owns it.

use std::io::Read;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use crypto::{Secret, machine, password::Passwords};
use services::password_rules::complaints;
use store::{NewTenant, NewUser, StoreError};

use crate::{boot, config::Config};

#[derive(Args)]
pub struct CreateOwner {
    /// Short name of the business, such as green-grocer
    #[arg(long)]
    tenant: String,
    /// Name of the business [default: the short name]
    #[arg(long)]
    tenant_name: Option<String>,
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// IANA name
    #[arg(long, default_value = "Africa/Nairobi")]
    timezone: String,
    #[arg(long, default_value = "KES")]
    currency: String,
}

/// The same rules as on the pages. `own`: what a guesser knows of the person.
pub(super) fn check_new(config: &Config, password: &Secret, own: &[&str]) -> Result<()> {
    let words = complaints(password, own, config.breached.as_ref())?;
    if !words.is_empty() {
        bail!("the password is refused: {}", words.join(" "));
    }
    Ok(())
}

pub async fn create_owner(config: &Config, command: CreateOwner) -> Result<()> {
    let password = secret_from_stdin("the password")?;
    let business = command.tenant_name.as_deref().unwrap_or(&command.tenant);
    let own = [&*command.name, &*command.email, business];
    check_new(config, &password, &own)?;
    let email = command.email.trim().to_lowercase();
    if !email.contains('@') || email.len() > 254 {
        bail!("--email must be an e-mail address");
    }
    let store = boot::open_store(config, machine::world()).await?;
    let token = boot::machine_token();
    let business = match store.tenant_by_slug(&token, &command.tenant).await? {
        Some(row) if row.id.is_platform() => {
            bail!("the platform is no business: see `wabotiq operator add`")
        }
        Some(row) => Ok(row.id),
        None => {
            let name = command
                .tenant_name
                .clone()
                .unwrap_or_else(|| command.tenant.clone());
            Err(NewTenant {
                slug: command.tenant.clone(),
                name,
                timezone: command.timezone,
                currency: command.currency,
            })
        }
    };
    let password_hash = Passwords::new(1).hash(password, store.world().bytes()).await?;
    let new = NewUser {
        email: email.clone(),
        name: command.name,
        password_hash,
    };
    store
        .create_owner(&token, business, new)
        .await
        .map_err(|error| match error {
            StoreError::Taken("email") => anyhow!("the account {email} can't be made: {error}"),
            other => anyhow!("the business {} can't be made: {other}", command.tenant),
        })?;
    println!("{email} owns {} now.", command.tenant);
    Ok(())
}

/// The first line of standard input: a secret in an argument could be read by every program on the machine.
pub fn secret_from_stdin(what: &str) -> Result<Secret> {
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text)?;
    let line = text
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('\r')
        .to_owned();
    if line.is_empty() {
        bail!("{what} is missing: write it to standard input");
    }
    Ok(Secret::from(line))
}
