//! A customer's message as Twilio's fields carry it, read into one shape. Nothing is dropped and nothing is blank:
//! what can't be shown as text is named.

use domain::{
    channels::{MessageSid, WhatsappAddress},
    conversations::{MESSAGE_MAX_CHARS, MessageKind},
    text,
};
use store::Delivery;

use crate::WorkError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub from: WhatsappAddress,
    pub sid: MessageSid,
    pub name: Option<String>,
    pub kind: MessageKind,
    /// What the timeline shows.
    pub body: String,
    /// What the customer wrote or tapped, for the rules and the reader.
    pub said: String,
    pub button_payload: Option<String>,
    pub list_id: Option<String>,
    pub opt_out_type: Option<String>,
    pub has_media: bool,
}

impl Received {
    pub fn read(letter: &Delivery) -> Result<Self, WorkError> {
        Self::from_pairs(&letter.pairs)
    }

    pub fn from_pairs(pairs: &[(String, String)]) -> Result<Self, WorkError> {
        let get = |key: &str| {
            pairs
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.as_str())
        };
        let filled = |key: &str| get(key).map(str::trim).filter(|value| !value.is_empty());
        let from = get("From")
            .and_then(|from| from.parse().ok())
            .ok_or(WorkError::Hopeless("no sender's address"))?;
        let sid = get("MessageSid")
            .and_then(|sid| sid.parse().ok())
            .ok_or(WorkError::Hopeless("no message id"))?;
        let written = text::clean(get("Body").unwrap_or_default(), MESSAGE_MAX_CHARS);
        let written = written.trim();
        let media = filled("NumMedia")
            .and_then(|count| count.parse::<u32>().ok())
            .unwrap_or(0);
        let (kind, label) = kind_of(&get, media);
        let tapped = filled("ButtonText")
            .or(filled("ListTitle"))
            .map(|label| text::clean(label, 500));
        let place = place(&filled);
        let body = match (written, &tapped, &place) {
            ("", Some(tapped), _) => tapped.clone(),
            ("", None, Some(place)) => place.clone(),
            ("", None, None) => format!("[{label}]"),
            (written, _, Some(place)) => format!("{place}\n{written}"),
            (written, _, None) if kind == MessageKind::Text || tapped.is_some() => written.to_owned(),
            (written, _, None) => format!("[{label}] {written}"),
        };
        Ok(Self {
            from,
            sid,
            name: filled("ProfileName").map(str::to_owned),
            kind,
            body,
            said: if written.is_empty() {
                tapped.unwrap_or_default()
            } else {
                written.to_owned()
            },
            button_payload: filled("ButtonPayload").map(str::to_owned),
            list_id: filled("ListId").map(str::to_owned),
            opt_out_type: filled("OptOutType").map(str::to_owned),
            has_media: media > 0 || place.is_some(),
        })
    }
}

fn kind_of<'a>(get: &impl Fn(&str) -> Option<&'a str>, media: u32) -> (MessageKind, &'static str) {
    if get("ButtonPayload").is_some() || get("ButtonText").is_some() {
        return (MessageKind::Button, "button");
    }
    if get("ListId").is_some() {
        return (MessageKind::List, "list choice");
    }
    if get("Latitude").is_some() {
        return (MessageKind::Location, "location");
    }
    if media > 0 {
        let content_type = get("MediaContentType0").unwrap_or_default();
        return match content_type.split('/').next().unwrap_or_default() {
            "image" if content_type == "image/webp" => (MessageKind::Sticker, "sticker"),
            "image" => (MessageKind::Image, "image"),
            "audio" => (MessageKind::Audio, "voice message"),
            "video" => (MessageKind::Video, "video"),
            "text" if content_type.contains("vcard") => (MessageKind::Contact, "contact card"),
            _ => (MessageKind::Document, "document"),
        };
    }
    match get("MessageType") {
        None | Some("text" | "interactive" | "button") => {
            if get("Body").is_some_and(|body| !body.trim().is_empty()) {
                (MessageKind::Text, "text")
            } else {
                (MessageKind::Unsupported, "a message that can't be shown")
            }
        }
        Some("contacts" | "contact") => (MessageKind::Contact, "contact card"),
        Some("sticker") => (MessageKind::Sticker, "sticker"),
        Some(_) if get("Body").is_some_and(|body| !body.trim().is_empty()) => (MessageKind::Text, "text"),
        Some(_) => (MessageKind::Unsupported, "a message that can't be shown"),
    }
}

fn place<'a>(filled: &impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let (latitude, longitude) = (filled("Latitude")?, filled("Longitude")?);
    let named: Vec<&str> = [filled("Label"), filled("Address")]
        .into_iter()
        .flatten()
        .collect();
    let named = if named.is_empty() {
        String::new()
    } else {
        format!("{} ", named.join(", "))
    };
    Some(text::clean(
        &format!("[location] {named}({latitude}, {longitude})"),
        1_000,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(extra: &[(&str, &str)]) -> Received {
        let mut pairs = vec![
            ("From".to_owned(), "whatsapp:+254700000001".to_owned()),
            (
                "MessageSid".to_owned(),
                "SM00000000000000000000000000000001".to_owned(),
            ),
        ];
        pairs.extend(
            extra
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        Received::from_pairs(&pairs).expect("a readable message")
    }

    fn check(extra: &[(&str, &str)], kind: MessageKind, body: &str) {
        let got = read(extra);
        assert_eq!((got.kind, got.body.as_str()), (kind, body), "{extra:?}");
    }

    #[test]
    fn every_kind_of_message_has_something_to_show() {
        check(&[("Body", " Hi\0 there ")], MessageKind::Text, "Hi there");
        check(
            &[
                ("Body", ""),
                ("NumMedia", "1"),
                ("MediaContentType0", "image/jpeg"),
            ],
            MessageKind::Image,
            "[image]",
        );
        check(
            &[
                ("Body", "this one?"),
                ("NumMedia", "1"),
                ("MediaContentType0", "image/jpeg"),
            ],
            MessageKind::Image,
            "[image] this one?",
        );
        check(
            &[("NumMedia", "1"), ("MediaContentType0", "audio/ogg")],
            MessageKind::Audio,
            "[voice message]",
        );
        check(
            &[("Latitude", "-1.28"), ("Longitude", "36.82"), ("Label", "Market")],
            MessageKind::Location,
            "[location] Market (-1.28, 36.82)",
        );
        check(
            &[("ButtonText", "Yes"), ("ButtonPayload", "x")],
            MessageKind::Button,
            "Yes",
        );
        check(
            &[("Body", "")],
            MessageKind::Unsupported,
            "[a message that can't be shown]",
        );
        check(
            &[("Body", ""), ("MessageType", "order")],
            MessageKind::Unsupported,
            "[a message that can't be shown]",
        );
    }

    #[test]
    fn a_message_without_sender_or_id_is_hopeless() {
        for pairs in [
            vec![],
            vec![("From".to_owned(), "whatsapp:+254700000001".to_owned())],
        ] {
            assert!(matches!(
                Received::from_pairs(&pairs),
                Err(WorkError::Hopeless(_))
            ));
        }
    }
}
