//! What mails say. Links come from the configured address only, never from a request.

use domain::ids::ApprovalId;
use store::{MailLetter, NewMail};

pub(crate) struct Links<'a> {
    pub base: &'a str,
}

impl Links<'_> {
    pub fn invitation(&self, token: &str) -> String {
        format!("{}/invitation?token={token}", self.base)
    }

    pub fn reset(&self, token: &str) -> String {
        format!("{}/reset?token={token}", self.base)
    }

    pub fn registration(&self, token: &str) -> String {
        format!("{}/register/finish?token={token}", self.base)
    }

    pub fn sign_in(&self) -> String {
        format!("{}/sign-in", self.base)
    }

    pub fn request(&self, id: ApprovalId) -> String {
        format!("{}/approvals/{id}", self.base)
    }

    pub fn forgotten(&self) -> String {
        format!("{}/forgot", self.base)
    }
}

fn mail(kind: &'static str, to: &str, subject: String, lines: &[&str]) -> NewMail {
    NewMail {
        kind,
        letter: MailLetter {
            to: to.to_owned(),
            subject,
            text: format!("{}\n", lines.join("\n\n")),
        },
    }
}

/// What a person wrote, in one line: nobody writes lines of their own into our mails.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn invitation(to: &str, business: &str, by: &str, link: &str) -> NewMail {
    let (business, by) = (one_line(business), one_line(by));
    mail(
        "invitation",
        to,
        format!("{by} invites you to {business}"),
        &[
            &format!(
                "{by} would like you to join {business} on WabotIQ, the desk where its WhatsApp customers are answered."
            ),
            &format!("Join here:\n{link}"),
            "The link works once, for seven days. If you don't know them, do nothing: without the link nobody joins in your name.",
        ],
    )
}

pub(crate) fn owner_invitation(to: &str, business: &str, by: &str, link: &str) -> NewMail {
    let (business, by) = (one_line(business), one_line(by));
    mail(
        "registration",
        to,
        format!("{business} is ready for you"),
        &[
            &format!(
                "{by}, who runs this WabotIQ, opens {business} for you: the desk where its WhatsApp customers are answered."
            ),
            &format!(
                "Begin here; without an account you choose your password with “Forgot your password?” after it:\n{link}"
            ),
            "The link works once, for seven days. If you don't know them, do nothing: without the link there is no such business.",
        ],
    )
}

pub(crate) fn reset(to: &str, link: &str) -> NewMail {
    mail(
        "password_reset",
        to,
        "Choose a new password".to_owned(),
        &[
            "Somebody, most likely you, asked for a new password for this address on WabotIQ.",
            &format!("Choose one here:\n{link}"),
            "The link works once, for an hour. If it was not you, do nothing: your password stays as it is.",
        ],
    )
}

pub(crate) fn password_changed(to: &str, links: &Links<'_>) -> NewMail {
    mail(
        "password_changed",
        to,
        "Your password was changed".to_owned(),
        &[
            "The password of your account on WabotIQ was just changed, and you were signed out everywhere else.",
            &format!(
                "If it was not you, somebody can read your mail or knew your password. Secure your mail first, then choose a new password:\n{}",
                links.forgotten()
            ),
        ],
    )
}

pub(crate) fn sign_ins_failed(to: &str, times: i64, links: &Links<'_>) -> NewMail {
    mail(
        "sign_ins_failed",
        to,
        "Somebody tries to sign in as you".to_owned(),
        &[
            &format!("Within a few minutes {times} tries to sign in as you on WabotIQ failed."),
            "If it was you, do nothing. If not: your account’s page shows where they came from, and where you are signed in; a password that you use nowhere else and a second factor keep them out.",
            &format!("A new password, if you want one:\n{}", links.forgotten()),
        ],
    )
}

pub(crate) fn passkey_changed(to: &str, added: bool, links: &Links<'_>) -> NewMail {
    let (subject, what) = if added {
        ("A passkey was added", "A passkey was added to")
    } else {
        ("A passkey was removed", "A passkey was removed from")
    };
    mail(
        "second_factor",
        to,
        subject.to_owned(),
        &[
            &format!("{what} your account on WabotIQ."),
            &if_it_was_not_you(links),
        ],
    )
}

pub(crate) fn factor_changed(to: &str, added: bool, links: &Links<'_>) -> NewMail {
    let (subject, what) = if added {
        (
            "An authenticator app was added",
            "now asks for a code of your phone as well",
        )
    } else {
        (
            "The authenticator app was removed",
            "asks for no code of an app any more",
        )
    };
    mail(
        "second_factor",
        to,
        subject.to_owned(),
        &[
            &format!("Signing in to your account on WabotIQ {what}."),
            &if_it_was_not_you(links),
        ],
    )
}

/// A new password alone does not help against a factor that somebody else added.
fn if_it_was_not_you(links: &Links<'_>) -> String {
    format!(
        "If it was not you, choose a new password now, and ask whoever runs this installation to remove your second factors, so \
         that only you set up new ones:\n{}",
        links.forgotten()
    )
}

pub(crate) fn request_waits(
    to: &str,
    (by, title): (&str, &str),
    id: ApprovalId,
    links: &Links<'_>,
) -> NewMail {
    let (by, title) = (one_line(by), one_line(title));
    mail(
        "approval",
        to,
        format!("Waiting for your approval: {title}"),
        &[
            &format!("{by} asks: {title}."),
            &format!("Look at it, then approve or reject it:\n{}", links.request(id)),
            "If you did not expect this, ask them in person first, and reject it when in doubt.",
        ],
    )
}

pub(crate) fn request_decided(
    to: &str,
    (title, what): (&str, &str),
    id: ApprovalId,
    links: &Links<'_>,
) -> NewMail {
    let title = one_line(title);
    mail(
        "approval",
        to,
        format!("Your request {what}: {title}"),
        &[
            &format!("{title}: your request {what}."),
            &format!("See it here:\n{}", links.request(id)),
        ],
    )
}

pub(crate) fn registration(to: &str, business: &str, link: &str) -> NewMail {
    let business = one_line(business);
    mail(
        "registration",
        to,
        format!("Open {business} on WabotIQ"),
        &[
            &format!("You, or somebody who typed your address, registered {business} on WabotIQ."),
            &format!("Open it here:\n{link}"),
            "The link works once, for a day. If it was not you, do nothing: without the link nothing is made.",
        ],
    )
}

/// To somebody who has an account already and registered another business.
pub(crate) fn account_exists(to: &str, links: &Links<'_>) -> NewMail {
    mail(
        "registration",
        to,
        "You have an account already".to_owned(),
        &[
            "You, or somebody who typed your address, registered a business on WabotIQ. There is an account with this address already, so nothing was made.",
            &format!("Sign in:\n{}", links.sign_in()),
            &format!("If you forgot your password:\n{}", links.forgotten()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_writes_a_line_of_their_own_into_a_mail() {
        let mail = invitation(
            "asha@example.com",
            "Duka\r\nBcc: all@example.com",
            "Eve\n\nPay here: https://evil.example",
            "https://desk.example.com/invitation?token=abc",
        );
        assert!(
            !mail.letter.subject.contains(['\r', '\n']),
            "{:?}",
            mail.letter.subject
        );
        let own: Vec<&str> = mail
            .letter
            .text
            .lines()
            .filter(|line| line.starts_with("Pay") || line.starts_with("Bcc"))
            .collect();
        assert!(own.is_empty(), "{own:?}");
    }
}
