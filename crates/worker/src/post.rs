//! The post: sends mail, or keeps it where a demo's people read it.
//!
//! Never reads what a mail says.

use std::{sync::Arc, time::Duration};

use providers::mail::MailError;
use store::{Mail, MailFate, StoreError};
use tokio_util::sync::CancellationToken;

use crate::{Post, Shared, backoff_ms};

const LOOK_EVERY: Duration = Duration::from_secs(1);
const AT_ONCE: u32 = 8;
/// Longer than a mail server may take.
const LEASE_MS: i64 = 60_000;
/// About a day and a half: by then its link is too old.
const ATTEMPTS_MAX: i64 = 400;

pub async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        match once(&shared).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "mail could not be claimed");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// One round; how many mails were worked on.
pub async fn once(shared: &Shared) -> Result<usize, StoreError> {
    if matches!(shared.providers.post, Post::Nobody) {
        return Ok(0);
    }
    let mails = shared
        .store
        .claim_mails(&shared.machine, AT_ONCE, LEASE_MS)
        .await?;
    for mail in &mails {
        let fate = send(shared, mail).await;
        if let MailFate::Failed { why } = &fate {
            tracing::error!(mail = %mail.id, kind = mail.kind, why, "a mail was not sent");
        }
        shared.store.settle_mail(&shared.machine, mail, fate).await?;
    }
    Ok(mails.len())
}

async fn send(shared: &Shared, mail: &Mail) -> MailFate {
    let Post::Server(server) = &shared.providers.post else {
        return MailFate::Kept;
    };
    let letter = &mail.letter;
    match server.send(&letter.to, &letter.subject, &letter.text).await {
        Ok(()) => MailFate::Sent,
        Err(MailError::TryAgain(why)) if mail.attempts < ATTEMPTS_MAX => {
            tracing::warn!(mail = %mail.id, attempts = mail.attempts, why, "a mail will be tried again");
            MailFate::TryAgain {
                at: shared.store.world().now().plus_millis(backoff_ms(mail.attempts)),
                why,
            }
        }
        Err(MailError::TryAgain(why) | MailError::Hopeless(why)) => MailFate::Failed { why },
    }
}
