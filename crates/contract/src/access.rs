//! Signing in and who one is.

use async_trait::async_trait;
use domain::{
    ids::{MemberId, TenantId, UserId},
    scopes::ScopeCode,
};
use serde::{Deserialize, Serialize};

use crate::{
    ApiError, When,
    approvals::{Act, Proof, Signed},
};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub email: String,
    pub password: String,
}

/// A person's own new password, with the one they have.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePassword {
    pub current: String,
    pub new: String,
}

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedIn {
    In,
    /// The code of the second factor is still asked for.
    CodeNeeded,
}

/// What somebody was asked to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    pub business: String,
    pub invited_by: String,
    pub email: String,
    pub roles: Vec<String>,
    /// The address has an account: its password is asked for, and no new one is made.
    pub has_account: bool,
}

/// Joining, with the link of a mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptInvitation {
    pub token: String,
    /// For a new person.
    pub name: String,
    /// A new one for a new person; otherwise the one they have.
    pub password: String,
}

/// A new password, with the link of a mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetPassword {
    pub token: String,
    pub new: String,
}

/// A new business and its owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// 2 to 120 characters.
    pub business: String,
    pub name: String,
    pub email: String,
    pub password: String,
    /// ISO 4217, such as `KES`.
    pub currency: String,
    /// IANA name, such as `Africa/Nairobi`.
    pub timezone: String,
}

macro_rules! prints_nothing {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
prints_nothing!(
    SignIn,
    ChangePassword,
    AcceptInvitation,
    ResetPassword,
    Register,
    FactorSetup,
    MailView
);

/// A passkey of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    /// Names it to [`AccessService::remove_passkey`].
    pub key: String,
    pub name: String,
    pub since: When,
    pub last_used: Option<When>,
}

/// Tries to sign in as oneself that came to nothing, within one minute and from one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedTries {
    pub when: When,
    pub network: String,
    /// There had been too many: the password was not looked at.
    pub was_turned_away: bool,
    pub times: i64,
}

/// What the second step of a sign-in can be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStep {
    pub app: bool,
    pub passkey: bool,
}

/// How safe one's own account is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityView {
    /// An app or a passkey.
    pub has_second_factor: bool,
    pub has_app: bool,
    pub passkeys: Vec<PasskeyView>,
    /// Browsers know passkeys for addresses with a name.
    pub passkeys_possible: bool,
    /// What this browser calls itself: a name for its passkey.
    pub this_device: String,
    pub recovery_codes_left: i64,
    /// Businesses that require a second factor of their members.
    pub required_by: Vec<String>,
}

/// An app on the phone, before it counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorSetup {
    /// In groups of four, to be typed.
    pub secret: String,
    /// For the app's camera: an SVG picture of ours.
    pub picture: String,
    /// What opens the app on the same phone.
    pub uri: String,
    /// In a demo: the code that the app would show now.
    pub demo_code: Option<String>,
}

/// A mail of a demo, which is read in the desk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// `2026-11-24 19:03 UTC`
    pub sent: String,
}

/// A browser in which the person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Names it to [`AccessService::end_session`]; good for nothing else.
    pub key: String,
    /// Such as `Chrome on Android`.
    pub device: String,
    pub ip: String,
    pub since: When,
    /// To about five minutes.
    pub last_used: When,
    /// The one that asks.
    pub is_this: bool,
}

/// One business that the person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub tenant: TenantId,
    pub name: String,
    pub slug: String,
}

/// Who is asking, in which business, and what they may do there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub user: UserId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub member: MemberId,
    pub name: String,
    pub email: String,
    pub tenant: Membership,
    /// Names of the roles, for showing; what counts are the scopes.
    pub roles: Vec<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub scopes: Vec<ScopeCode>,
    /// Every business of the person, this one included.
    pub memberships: Vec<Membership>,
    /// IANA name, such as `Africa/Nairobi`.
    pub timezone: String,
    /// The installation runs with demo data: the phone simulator is there.
    pub demo: bool,
    /// An app or a passkey.
    pub has_second_factor: bool,
}

impl Me {
    pub fn may(&self, scope: ScopeCode) -> bool {
        self.scopes.contains(&scope)
    }
}

/// The front door: what anybody may ask before anything is known of them. Bound to one browser session.
#[async_trait]
pub trait AccessService: Send + Sync {
    /// Starts a session, or the way to one. One answer, at the same cost, for a wrong password and an unknown e-mail
    /// address.
    async fn sign_in(&self, request: SignIn) -> Result<SignedIn, ApiError>;
    /// The second step: a code of the app, or a recovery code. Within ten minutes of the first.
    async fn sign_in_code(&self, code: String) -> Result<(), ApiError>;
    /// What the second step of this browser's person can be; neither for anybody else.
    async fn second_step(&self) -> Result<SecondStep, ApiError>;
    /// What a device is to sign, as the JSON of `PublicKeyCredential.parseRequestOptionsFromJSON`: a passkey of whoever is
    /// signed in, or half in, here; otherwise any. Good for ten minutes and one answer.
    async fn passkey_question(&self) -> Result<String, ApiError>;
    /// Signs in with the device's answer, the JSON of `PublicKeyCredential.toJSON`.
    async fn sign_in_passkey(&self, answer: String) -> Result<(), ApiError>;
    /// Sends a link to whoever has an account under this address. The answer is the same for nobody.
    async fn ask_reset(&self, email: String) -> Result<(), ApiError>;
    /// Whether a link still replaces a password.
    async fn reset_is_open(&self, token: String) -> Result<bool, ApiError>;
    /// Once, within an hour. Ends every session and makes every token worthless.
    async fn reset_password(&self, request: ResetPassword) -> Result<(), ApiError>;
    async fn invitation(&self, token: String) -> Result<InvitationView, ApiError>;
    /// Joins and signs in.
    async fn accept_invitation(&self, request: AcceptInvitation) -> Result<SignedIn, ApiError>;
    /// Whether new businesses can register themselves.
    async fn can_register(&self) -> Result<bool, ApiError>;
    /// Sends a link that opens the business. The answer is the same whether the address has an account or not.
    async fn register(&self, request: Register) -> Result<(), ApiError>;
    /// Opens the business and signs its owner in.
    async fn finish_registration(&self, token: String) -> Result<SignedIn, ApiError>;
    async fn sign_out(&self) -> Result<(), ApiError>;
    /// Switches the session to another of the person's own businesses.
    async fn switch_tenant(&self, tenant: TenantId) -> Result<(), ApiError>;
    /// Where the person is signed in; this browser first.
    async fn sessions(&self) -> Result<Vec<SessionView>, ApiError>;
    /// Signs the person out in one other browser. One that has ended already is no error.
    async fn end_session(&self, key: String) -> Result<(), ApiError>;
    /// Signs the person out everywhere else; in how many browsers that was.
    async fn end_other_sessions(&self) -> Result<usize, ApiError>;
    /// Ends every other session and makes every token worthless. Wrong current passwords count as sign-ins that failed.
    async fn change_password(&self, request: ChangePassword) -> Result<(), ApiError>;

    async fn security(&self) -> Result<SecurityView, ApiError>;
    /// Tries to sign in as this person that failed within 30 days, the latest 20 of them; counts appear within seconds.
    async fn failed_sign_ins(&self) -> Result<Vec<FailedTries>, ApiError>;
    /// Shows again that it is the person who is signed in: a code of the app, a recovery code, or without a second
    /// factor the password. Good for ten minutes.
    async fn confirm_it_is_you(&self, proof: String) -> Result<(), ApiError>;
    /// The same by a passkey.
    async fn confirm_with_passkey(&self, answer: String) -> Result<(), ApiError>;
    /// What a device is to sign for one act with money, of whoever is signed in here.
    async fn passkey_question_for(&self, act: Act) -> Result<String, ApiError>;
    /// Shows that it is the person who is signed in, for exactly this act and once: a fresh code or passkey, whatever was shown
    /// before. Asks for a second factor.
    async fn sign(&self, act: Act, proof: Proof) -> Result<Signed, ApiError>;
    /// What a device is to make, as the JSON of `PublicKeyCredential.parseCreationOptionsFromJSON`, under a name of 1 to
    /// 60 characters. Asks for a fresh code, or the password where there is no second factor yet.
    async fn begin_passkey(&self, name: String) -> Result<String, ApiError>;
    /// Keeps what the device made. With the first second factor it answers recovery codes, which are shown once.
    async fn finish_passkey(&self, answer: String) -> Result<Vec<String>, ApiError>;
    /// Asks for a fresh code; the last second factor stays where a business requires one.
    async fn remove_passkey(&self, key: String) -> Result<(), ApiError>;
    /// The password must have been given within ten minutes.
    async fn begin_second_factor(&self) -> Result<FactorSetup, ApiError>;
    /// With a code that the app shows. Answers the recovery codes, which are shown once.
    async fn confirm_second_factor(&self, code: String) -> Result<Vec<String>, ApiError>;
    /// Asks for a fresh code.
    async fn new_recovery_codes(&self) -> Result<Vec<String>, ApiError>;
    /// Asks for a fresh code; refused where a business requires one.
    async fn remove_second_factor(&self) -> Result<(), ApiError>;
    /// In a demo: the code that the person's app would show now.
    async fn demo_code(&self) -> Result<Option<String>, ApiError>;
    /// In a demo: what was mailed. 404 elsewhere.
    async fn mailbox(&self) -> Result<Vec<MailView>, ApiError>;
}

/// The business requires a second factor, and the person has none yet. Provided in the context in place of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorNeeded {
    pub business: String,
}

/// The sign-ins of a demo installation, shown on the sign-in page. Provided in the context in demo mode only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoHint {
    pub accounts: Vec<DemoAccount>,
    /// The same for all of them.
    pub password: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAccount {
    pub name: String,
    pub email: String,
    pub role: String,
}
