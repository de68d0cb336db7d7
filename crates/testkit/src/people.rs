//! A business with people and a connected number, and what its customers' letters look like.

use authz::{
    AuditView, BotActs, Caller, Inbound, IntegrationsManage, MachineToken, StatusReport, Verified,
    VerifiedFrom,
};
use crypto::{
    Secret,
    totp::FactorSecret,
    twilio::{Signature, SigningToken, sign_form},
};
use domain::{
    channels::{AccountSid, MessageSid, WhatsappAddress},
    ids::{ChannelId, MemberId, TenantId, UserId},
};
use store::{Attempt, Letter, LetterKind, NewChannel, NewTenant, NewUser, Store};

/// What `Shop::message_url` letters are signed for.
const URL: &str = "http://localhost:3000/v1/webhooks/twilio";

/// A machine, for tests that claim work or use the operator's doors.
#[expect(
    clippy::disallowed_methods,
    reason = "tests stand in for the worker and the operator"
)]
pub const fn machine() -> MachineToken {
    MachineToken::mint("test")
}

/// An app on the person's phone, confirmed: its secret.
pub async fn give_factor(store: &Store, caller: &Caller) -> FactorSecret {
    let secret = FactorSecret::random(store.world());
    let proof = machine().act_for::<AuditView>(caller.membership().tenant);
    let mut room = store.enter(&proof).await.expect("a room");
    let user = caller.identity().user;
    room.begin_factor(user, &secret).await.expect("an app");
    room.commit().await.expect("a commit");
    let factor = store.factor(user).await.expect("a look").expect("an app");
    let mut room = store.enter(&proof).await.expect("a room");
    // One code that nobody knows.
    room.confirm_factor(user, &factor, 1, &["0".repeat(64)], "")
        .await
        .expect("confirmed");
    room.commit().await.expect("a commit");
    secret
}

/// Somebody who operates the platform, with one of its roles.
pub async fn hire_operator(store: &Store, email: &str, role: &str) -> Caller {
    store.ensure_platform(&machine()).await.expect("the platform");
    let (user, _) = Shop::hire_in(store, TenantId::PLATFORM, email, role).await;
    let caller = store.caller(user, Some(TenantId::PLATFORM)).await;
    caller.expect("a look-up").expect("the new operator")
}

/// `number_of_sid(7)` is a valid message SID that ends in 7.
pub fn message_sid(n: u128) -> MessageSid {
    format!("SM{n:032x}").parse().expect("a message SID")
}

/// A tenant with an owner and one channel.
pub struct Shop {
    pub tenant: TenantId,
    pub slug: String,
    pub owner_user: UserId,
    pub owner_member: MemberId,
    pub channel: ChannelId,
    pub number: WhatsappAddress,
    pub account_sid: AccountSid,
    pub token: Secret,
}

impl Shop {
    /// `n` makes its number, account and slug its own.
    pub async fn open(store: &Store, n: u32) -> Self {
        let machine = machine();
        let slug = format!("shop-{n}");
        let tenant = store
            .create_tenant(
                &machine,
                NewTenant {
                    slug: slug.clone(),
                    name: format!("Shop {n}"),
                    timezone: "Africa/Nairobi".into(),
                    currency: "KES".into(),
                },
            )
            .await
            .expect("a tenant");
        let (owner_user, owner_member) =
            Self::hire_in(store, tenant, &format!("owner{n}@example.com"), "Owner").await;
        let number: WhatsappAddress = format!("whatsapp:+2547{n:08}").parse().expect("a number");
        let account_sid: AccountSid = format!("AC{n:032x}").parse().expect("an account SID");
        let token = Secret::from(format!("{n:032x}"));
        let owner = store
            .caller(owner_user, Some(tenant))
            .await
            .expect("a look-up")
            .expect("the owner");
        let proof = owner
            .authorize::<IntegrationsManage>()
            .expect("the owner's scope");
        let mut room = store.enter(&proof).await.expect("a room");
        let channel = room
            .connect_channel(NewChannel {
                number: number.clone(),
                account_sid: account_sid.clone(),
                messaging_service_sid: None,
                auth_token: token.clone(),
                simulated: true,
            })
            .await
            .expect("a channel")
            .id;
        room.commit().await.expect("a commit");
        Self {
            tenant,
            slug,
            owner_user,
            owner_member,
            channel,
            number,
            account_sid,
            token,
        }
    }

    async fn hire_in(store: &Store, tenant: TenantId, email: &str, role: &str) -> (UserId, MemberId) {
        let new = NewUser {
            email: email.into(),
            name: email.into(),
            password_hash: "no password".into(),
        };
        let user = store.create_user(&machine(), new).await.expect("a user");
        let member = store
            .add_member(&machine(), tenant, user, &[role])
            .await
            .expect("a member");
        (user, member)
    }

    /// A new member with one of the built-in roles.
    pub async fn hire(&self, store: &Store, email: &str, role: &str) -> Caller {
        let (user, _) = Self::hire_in(store, self.tenant, email, role).await;
        store
            .caller(user, Some(self.tenant))
            .await
            .expect("a look-up")
            .expect("the new member")
    }

    pub async fn owner(&self, store: &Store) -> Caller {
        store
            .caller(self.owner_user, Some(self.tenant))
            .await
            .expect("a look-up")
            .expect("the owner")
    }

    /// The bot's proof for this shop.
    pub fn bot(&self) -> authz::Authorized<BotActs> {
        machine().act_for(self.tenant)
    }

    /// A customer's text as the provider sends and signs it.
    pub fn message_pairs(&self, sid: &MessageSid, from: &str, body: &str) -> Vec<(String, String)> {
        [
            ("MessageSid", sid.as_str()),
            ("AccountSid", self.account_sid.as_str()),
            ("From", from),
            ("To", self.number.as_str()),
            ("Body", body),
            ("NumMedia", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// A letter that is signed and verified, ready for the intake.
    pub fn letter(&self, store: &Store, sid: &MessageSid, from: &str, body: &str) -> Letter {
        let verified: Verified<Inbound> = self.verified(self.message_pairs(sid, from, body));
        let mut attempt = self.attempt(store, "message", "accepted", 200);
        attempt.message_sid = Some(sid.to_string());
        Letter {
            verified: LetterKind::Message(verified, sid.clone()),
            order_key: format!("{}:{from}", self.channel),
            attempt,
        }
    }

    /// A provider's report on a message of ours.
    pub fn report(&self, store: &Store, sid: &MessageSid, status: &str) -> Letter {
        let pairs = [
            ("MessageSid", sid.as_str()),
            ("MessageStatus", status),
            ("AccountSid", self.account_sid.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let verified: Verified<StatusReport> = self.verified(pairs.to_vec());
        Letter {
            verified: LetterKind::Status(verified, format!("{sid}:{status}:0")),
            order_key: format!("{}:{sid}", self.channel),
            attempt: self.attempt(store, "status", "accepted", 200),
        }
    }

    fn verified<K>(&self, pairs: Vec<(String, String)>) -> Verified<K> {
        let token = SigningToken::new(&self.token).expect("a signing token");
        let signature = Signature::parse(&sign_form(URL, &pairs, &token)).expect("a signature");
        let from = VerifiedFrom {
            tenant: self.tenant,
            channel: self.channel,
        };
        Verified::form(&[URL.to_owned()], pairs, &signature, &[&token], Some(from))
            .expect("a valid signature")
    }

    /// A line for the webhook log.
    pub fn attempt(&self, store: &Store, kind: &'static str, outcome: &str, http_status: u16) -> Attempt {
        Attempt {
            tenant: self.tenant,
            channel: Some(self.channel),
            kind,
            outcome: outcome.into(),
            reason: None,
            http_status,
            ip: "127.0.0.1".into(),
            user_agent: "TwilioProxy/1.1".into(),
            headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
            message_sid: None,
            received_at: store.world().now(),
            took_us: 250,
        }
    }
}
