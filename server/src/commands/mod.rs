//! What an operator can tell `wabotiq` to do, one file a command.
//!
//! Prints for people on standard output; the log goes to standard error.

mod accounts;
mod attest;
mod backup;
mod channel_add;
mod classify;
mod demo;
mod doctor;
mod healthcheck;
mod import_staff;
mod incident;
mod operators;
mod records;
pub mod rotate;
mod secrets;
mod serve;
mod simulate;
mod verify_ledger;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use crypto::machine;

use crate::{
    boot,
    config::{Config, Flags},
    telemetry,
};

pub use backup::sqlite_path;

#[derive(Parser)]
#[command(
    name = "wabotiq",
    version,
    about = "A desk for WhatsApp commerce: bot, catalogue and staff in one program"
)]
pub struct Cli {
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages, API, webhooks and workers (the default)
    Serve,
    /// Bring the database's tables up to date
    Migrate,
    /// Make the demo's businesses, people and goods
    Demo {
        /// Print accounts, tenants, numbers, account SIDs and tokens as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a business and its first owner; the password comes on standard input
    CreateOwner(accounts::CreateOwner),
    /// Who operates the platform: they sign in like everybody, and see businesses, not what those keep
    Operator {
        #[command(subcommand)]
        command: operators::OperatorCommand,
    },
    /// Give somebody a new password, which comes on standard input; their sessions and tokens end
    SetPassword(incident::SetPassword),
    /// End sessions and make tokens worthless: of a person, of a business, or of everybody
    RevokeAccess(incident::RevokeAccess),
    /// Force a new password: of a person, of a business, or of everybody; what the old one opened ends
    ExpirePasswords(incident::ExpirePasswords),
    /// Take somebody's second factor away who lost the phone and the recovery codes; their sessions and tokens end
    RemoveSecondFactor(incident::RemoveSecondFactor),
    /// Bring staff along from a CSV file with the columns email, name and password (a hash as Django makes it)
    ImportStaff(import_staff::ImportStaff),
    /// Check that nobody changed, removed or reordered an event of the audit log
    VerifyAudit(incident::VerifyAudit),
    /// Check that every balance adds up, that nothing was paid without two people, and that nobody changed what they agreed on
    VerifyLedger(verify_ledger::VerifyLedger),
    /// Write a business's audit log to standard output, oldest last
    ExportAudit(records::ExportAudit),
    /// Print what was refused: failed sign-ins, missing permissions, bad signatures, limits
    SecurityEvents(records::SecurityEvents),
    /// Print fresh SECRET_KEY, JWT_SECRET_KEY and ENCRYPTION_KEY, as lines for an environment file
    Secrets,
    /// Encrypt everything again with the current ENCRYPTION_KEY, while the server runs
    RotateEncryptionKeys(rotate::Rotate),
    /// Look at settings, secrets, database and keys as before a deployment; a line each
    Doctor(doctor::Doctor),
    /// Note that something was done by hand, such as a restore test; `doctor` reminds of it
    Attest(attest::Attest),
    /// Connect a WhatsApp number
    Channel {
        #[command(subcommand)]
        command: ChannelCommand,
    },
    /// Write to a running demo server as a customer, and print the reply
    Simulate(simulate::Simulate),
    /// Read JSON lines {"text"} on standard input, and write what is understood
    Classify,
    /// Copy the embedded database to a file, while the server runs
    Backup { to: std::path::PathBuf },
    /// Put a copy of the embedded database back; stop the server first
    Restore {
        from: std::path::PathBuf,
        /// Replace the database that is there
        #[arg(long)]
        force: bool,
    },
    /// Ask a running server whether it is ready
    Healthcheck,
}

#[derive(Subcommand)]
enum ChannelCommand {
    /// Connect a number to a business
    Add(channel_add::ChannelAdd),
}

/// Reads the command line and does it. A failure is one sentence on standard error and a status that is not 0.
pub fn run() -> ExitCode {
    // Before any setting is looked at: whoever asks for secrets has none yet.
    if secrets::is_all_that_is_asked() {
        return secrets::run();
    }
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Serve);
    let read = Config::read(&cli.flags, &machine::world());
    if let Ok(config) = &read
        && let Err(problem) = telemetry::start(config)
    {
        eprintln!("wabotiq: {problem}");
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wabotiq: the program can't start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Command::Doctor(command) = command {
        return runtime.block_on(doctor::run(&cli.flags, read.as_ref(), command));
    }
    let config = match read {
        Ok(config) => config,
        Err(bad) => {
            eprintln!("wabotiq: {bad}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(execute(command, config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wabotiq: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command, config: Config) -> Result<()> {
    match command {
        Command::Serve => serve::run(config).await,
        Command::Migrate => {
            let names = boot::migrate(&config).await?;
            if names.is_empty() {
                println!("The database is up to date.");
            }
            names.iter().for_each(|name| println!("{name}"));
            Ok(())
        }
        Command::Demo { json } => demo::run(&config, json).await,
        Command::CreateOwner(command) => accounts::create_owner(&config, command).await,
        Command::Operator { command } => operators::run(&config, command).await,
        Command::SetPassword(command) => incident::set_password(&config, command).await,
        Command::RevokeAccess(command) => incident::revoke_access(&config, command).await,
        Command::ExpirePasswords(command) => incident::expire_passwords(&config, command).await,
        Command::RemoveSecondFactor(command) => incident::remove_second_factor(&config, command).await,
        Command::ImportStaff(command) => import_staff::run(&config, command).await,
        Command::VerifyAudit(command) => incident::verify_audit(&config, command).await,
        Command::VerifyLedger(command) => verify_ledger::run(&config, command).await,
        Command::ExportAudit(command) => records::export_audit(&config, command).await,
        Command::SecurityEvents(command) => records::security_events(&config, command).await,
        Command::Secrets => Ok(secrets::print()?),
        Command::RotateEncryptionKeys(command) => rotate::run(&config, command).await,
        Command::Doctor(_) => Ok(()),
        Command::Attest(command) => attest::run(&config, command).await,
        Command::Channel {
            command: ChannelCommand::Add(command),
        } => channel_add::run(&config, command).await,
        Command::Simulate(command) => simulate::run(&config, command).await,
        Command::Classify => classify::run(&config).await,
        Command::Backup { to } => backup::backup(&config, &to).await,
        Command::Restore { from, force } => backup::restore(&config, &from, force).await,
        Command::Healthcheck => healthcheck::run(&config).await,
    }
}
