//! Asking for what needs a second person: a draft that is shown, then the same words again with its hash and a second factor. The same key
//! with the same words is one request, however often it comes.
//!
//! Never asks for anything but what was on the screen.

use async_trait::async_trait;
use authz::{Authorized, Scope};
use contract::{
    ApiError, ErrorCode,
    approvals::{Asked, DraftView, Signed},
};
use crypto::token::{digest, hex};
use domain::{
    approvals::Kind,
    ids::{ApprovalId, MemberId},
};
use serde::Serialize;
use store::{Answered, Draft, NewMail, RequestRow, Room, Shown, StoreError};

use super::{REQUEST, payload};
use crate::{
    Post,
    asker::{Answer, Asker},
    mails,
};

/// One kind of request, ready to be drafted and asked.
#[async_trait]
pub(crate) trait Wanted: Sync {
    type Scope: Scope;
    const KIND: Kind;

    /// What was typed, for the fingerprint of the request.
    fn words(&self) -> String;
    async fn draft(&self, room: &mut Room<Self::Scope>) -> store::Result<Draft>;
    async fn ask(&self, room: &mut Room<Self::Scope>, shown: Shown<'_>) -> store::Result<RequestRow>;
}

/// What was typed, in one form.
pub(crate) fn words_of<T: Serialize>(form: &T) -> String {
    serde_json::to_string(form).unwrap_or_default()
}

/// What would be asked for. Opens the wallet's accounts where they are missing, and changes nothing else.
pub(crate) async fn draft<W: Wanted>(
    asker: &Asker,
    proof: &Authorized<W::Scope>,
    wanted: &W,
) -> Answer<DraftView> {
    let about = asker.about(REQUEST);
    let mut room = asker.enter(proof).await?;
    let draft = wanted.draft(&mut room).await.map_err(&about)?;
    let (required, able) = room.who_could_approve(&draft).await.map_err(&about)?;
    let (_, policy) = room.approval_policy(W::KIND).await.map_err(&about)?;
    let parties = room.parties().await.map_err(&about)?;
    room.commit().await.map_err(&about)?;
    let name = |member: &MemberId| parties.get(member).map(|party| party.name.clone());
    Ok(DraftView {
        title: payload::title(W::KIND, draft.payload.as_str()),
        lines: payload::lines(W::KIND, &draft.payload, &parties),
        payload: draft.payload.as_str().to_owned(),
        payload_hash: draft.payload_hash,
        action: format!("{}:initiate", W::KIND.as_str()),
        required,
        approvers: able.iter().filter_map(name).collect(),
        approve_within: payload::span(policy.approve_within_ms),
    })
}

fn fingerprint(asked: &Asked, words: &str) -> String {
    hex(&digest(&format!("{}\n{words}", asked.seen_hash.trim())))
}

/// The request that the same key and words made before; whatever has changed since, it is that one.
pub(crate) async fn before<S: Scope>(
    asker: &Asker,
    proof: &Authorized<S>,
    kind: Kind,
    asked: &Asked,
    words: &str,
) -> Answer<Option<ApprovalId>> {
    // What is wrong with a key is told last: it names nobody and nothing.
    let Ok(key) = key(&asked.key) else {
        return Ok(None);
    };
    let mut room = asker.look(proof).await?;
    let found = room
        .answered(kind.as_str(), key, &fingerprint(asked, words))
        .await
        .map_err(asker.about(REQUEST))?;
    Ok(found.and_then(|answered| answered.response.parse().ok()))
}

pub(crate) async fn ask<W: Wanted>(
    asker: &Asker,
    proof: &Authorized<W::Scope>,
    wanted: &W,
    asked: &Asked,
    signed: Option<&Signed>,
) -> Answer<ApprovalId> {
    let key = key(&asked.key)?;
    let fingerprint = fingerprint(asked, &wanted.words());
    // The second round is for who lost a race against the same key: by then the winner's request is there.
    for _ in 0..2 {
        let mut room = asker.enter(proof).await?;
        match ask_once(asker, &mut room, wanted, (key, asked, &fingerprint), signed).await {
            Ok((id, is_new)) => {
                if is_new {
                    match room.commit().await {
                        Err(StoreError::Taken(_)) => continue,
                        done => done.map_err(asker.about(REQUEST))?,
                    }
                }
                return Ok(id);
            }
            Err(Failed::Worded(error)) => return Err(error),
            Err(Failed::Store(StoreError::Taken("idempotency_key"))) => continue,
            Err(Failed::Store(error)) => {
                drop(room);
                return Err(refused(asker, proof, W::KIND, error).await?);
            }
        }
    }
    Err(ApiError::conflict(
        "The same request is being made at this moment. Try again in a moment.",
    ))
}

enum Failed {
    Store(StoreError),
    Worded(ApiError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn ask_once<W: Wanted>(
    asker: &Asker,
    room: &mut Room<W::Scope>,
    wanted: &W,
    (key, asked, fingerprint): (&str, &Asked, &str),
    signed: Option<&Signed>,
) -> Result<(ApprovalId, bool), Failed> {
    let route = W::KIND.as_str();
    if let Some(before) = room.answered(route, key, fingerprint).await? {
        let id = before.response.parse();
        return match id {
            Ok(id) => Ok((id, false)),
            Err(_) => Err(Failed::Worded(ApiError::not_found(REQUEST))),
        };
    }
    let draft = wanted.draft(room).await?;
    if draft.payload_hash != asked.seen_hash.trim() {
        return Err(Failed::Worded(ApiError::new(
            ErrorCode::Stale,
            "What you saw is not what would be asked for now. Nothing was asked: look at it again.",
        )));
    }
    let (required, able) = room.who_could_approve(&draft).await?;
    if able.len() < usize::from(required) {
        return Err(Failed::Store(StoreError::Refused("too_few_approvers")));
    }
    let Some(signed) = signed else {
        return Err(Failed::Worded(ApiError::new(
            ErrorCode::StepUpRequired,
            "This can be asked for. Show that it is you: a fresh code or passkey for exactly this. Nothing was asked yet.",
        )));
    };
    let shown = Shown {
        step_up: Some(&signed.step_up),
        session: &signed.step_up.session,
    };
    let request = wanted.ask(room, shown).await?;
    tell_approvers(asker, room, &request, &able)
        .await
        .map_err(Failed::Worded)?;
    let answer = Answered {
        status: 201,
        response: request.id.to_string(),
    };
    room.keep_answer(route, key, fingerprint, &answer).await?;
    Ok((request.id, true))
}

async fn refused<S: Scope>(
    asker: &Asker,
    proof: &Authorized<S>,
    kind: Kind,
    error: StoreError,
) -> Answer<ApiError> {
    if let StoreError::Refused(why) = &error {
        note(asker, proof, kind, (kind.as_str(), why)).await?;
    }
    if let StoreError::Refused("too_few_approvers") = error {
        return Ok(ApiError::conflict(
            "Too few people can approve this. An approver is a colleague with the permission to approve, a second factor that \
             is at least a day old, and no part in the request. Nothing was asked: see Team for who may approve.",
        ));
    }
    Ok(asker.refuse(error, REQUEST))
}

/// Writes down an attempt that came to nothing: about what, and why.
pub(crate) async fn note<S: Scope>(
    asker: &Asker,
    proof: &Authorized<S>,
    kind: Kind,
    (about, why): (&str, &str),
) -> Answer<()> {
    let mut room = asker.enter(proof).await?;
    room.note_refused(kind, about, why)
        .await
        .map_err(asker.about(REQUEST))?;
    room.commit().await.map_err(asker.about(REQUEST))
}

async fn tell_approvers<S: Scope>(
    asker: &Asker,
    room: &mut Room<S>,
    request: &RequestRow,
    able: &[MemberId],
) -> Answer<()> {
    let parties = room.parties().await.map_err(asker.about(REQUEST))?;
    let title = payload::title(request.kind, &request.payload);
    let by = parties
        .get(&request.initiator)
        .map_or("A colleague", |party| party.name.as_str());
    let links = asker.settings.links();
    for party in able.iter().filter_map(|member| parties.get(member)) {
        let mail = mails::request_waits(&party.email, (by, &title), request.id, &links);
        tell(asker, room, &mail).await?;
    }
    Ok(())
}

/// Where mail is sent at all.
pub(crate) async fn tell<S: Scope>(asker: &Asker, room: &mut Room<S>, mail: &NewMail) -> Answer<()> {
    if asker.settings.post == Post::Nobody {
        return Ok(());
    }
    room.add_mail(mail).await.map_err(asker.about(REQUEST))
}

fn key(key: &str) -> Answer<&str> {
    let key = key.trim();
    let is_good = (16..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good {
        Ok(key)
    } else {
        Err(ApiError::invalid(
            "idempotency_key",
            "An idempotency key is 16 to 255 characters without spaces, made anew for every request, such as a UUID.",
        ))
    }
}
