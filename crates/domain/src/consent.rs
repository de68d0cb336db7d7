//! Consent: easy out in many languages, explicit in. Which words a customer may write, and what each does.

use serde::{Deserialize, Serialize};

/// What a customer agreed to or stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Anything the business starts: orders, bookings, reminders.
    Messages,
    /// Offers and news.
    Promotions,
}

impl Purpose {
    pub const fn code(self) -> &'static str {
        match self {
            Purpose::Messages => "messages",
            Purpose::Promotions => "promotions",
        }
    }
}

/// How a consent changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentSource {
    Keyword,
    Button,
    Understood,
    Staff,
    Provider,
    /// What holds before anybody said anything: messages yes, promotions no.
    Default,
}

impl ConsentSource {
    pub const fn code(self) -> &'static str {
        match self {
            ConsentSource::Keyword => "keyword",
            ConsentSource::Button => "button",
            ConsentSource::Understood => "understood",
            ConsentSource::Staff => "staff",
            ConsentSource::Provider => "provider",
            ConsentSource::Default => "default",
        }
    }
}

/// A whole message that is a consent word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentWord {
    /// Stops everything.
    Stop,
    Start,
    Help,
    /// CANCEL, END or QUIT alone: stops, unless something is open that it may mean.
    Ambiguous,
}

/// Words that stop or start everything when they are the whole message. Sources: 47 CFR 64.1200(a)(10) for the
/// English words; Twilio "Advanced opt-out" for the defaults; the others are their plain translations.
/// Tenants may add words, never remove one.
const STOP: &[&str] = &[
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "revoke",
    "optout",
    "opt out",
    "opt-out",
    // es, pt, fr
    "alto",
    "detener",
    "parar",
    "pare",
    "baja",
    "darme de baja",
    "cancelar suscripción",
    "sair",
    "descadastrar",
    "arret",
    "arrêt",
    "arrêter",
    "arreter",
    "desabonner",
    "désabonner",
    // sw, ar, hi
    "acha",
    "simamisha",
    "komesha",
    "sitisha",
    "ondoa",
    "توقف",
    "إيقاف",
    "ايقاف",
    "قف",
    "الغاء الاشتراك",
    "إلغاء الاشتراك",
    "रुको",
    "रोकें",
    "बंद करो",
    "बंद",
];
const START: &[&str] = &[
    "start",
    "unstop",
    "iniciar",
    "reanudar",
    "começar",
    "comecar",
    "commencer",
    "démarrer",
    "demarrer",
    "anza",
    "endelea",
    "ابدأ",
    "ابدا",
    "शुरू",
    "शुरू करो",
];
const HELP: &[&str] = &[
    "help",
    "info",
    "ayuda",
    "ajuda",
    "aide",
    "msaada",
    "usaidizi",
    "مساعدة",
    "मदद",
];
const AMBIGUOUS: &[&str] = &["cancel", "end", "quit"];

/// Lower case, punctuation and symbols at the ends removed, single spaces. "Stop!!! 🙏" becomes "stop".
pub fn normalise(text: &str) -> String {
    let lower = text.to_lowercase();
    let trimmed = lower.trim_matches(|c: char| !c.is_alphanumeric() && !is_mark(c));
    trimmed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Vowel signs of Devanagari and Arabic marks are not alphanumeric for every script table, and must stay.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{97f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}')
}

/// The consent word a whole message is, if it is one. "stop, Zé won't come" is not.
pub fn word(text: &str, extra_stop: &[String]) -> Option<ConsentWord> {
    if text.len() > 64 {
        return None;
    }
    let said = normalise(text);
    let is = |list: &[&str]| list.contains(&said.as_str());
    if is(STOP)
        || extra_stop
            .iter()
            .any(|word| normalise(word) == said && !said.is_empty())
    {
        Some(ConsentWord::Stop)
    } else if is(START) {
        Some(ConsentWord::Start)
    } else if is(HELP) {
        Some(ConsentWord::Help)
    } else if is(AMBIGUOUS) {
        Some(ConsentWord::Ambiguous)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<ConsentWord>) {
        assert_eq!(word(text, &[]), expect, "{text:?}");
    }

    #[test]
    fn only_a_whole_message_is_a_consent_word() {
        check("STOP", Some(ConsentWord::Stop));
        check(" Stop!!! 🙏", Some(ConsentWord::Stop));
        check("opt   out.", Some(ConsentWord::Stop));
        check("बंद करो", Some(ConsentWord::Stop));
        check("إيقاف", Some(ConsentWord::Stop));
        check("start", Some(ConsentWord::Start));
        check("Cancel", Some(ConsentWord::Ambiguous));
        check("help?", Some(ConsentWord::Help));
        check("stop, Zé won't come", None);
        check("I'll stop by at the weekend", None);
        check("send", None);
        check("weekend", None);
        check("", None);
        check("yes", None);
    }

    #[test]
    fn a_tenant_may_add_words() {
        assert_eq!(word("Basta!", &["basta".into()]), Some(ConsentWord::Stop));
        assert_eq!(word("🙏", &["🙏".into()]), None);
    }
}
