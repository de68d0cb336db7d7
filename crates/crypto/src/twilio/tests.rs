use serde::Deserialize;

use super::*;
use crate::machine;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    auth_token: String,
    url: String,
    params: Vec<(String, String)>,
    signature: String,
    expect: bool,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "note")]
    _note: String,
    raw_body: Option<String>,
    raw_form: Option<String>,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../testdata/twilio_vectors.json")).expect("the vectors")
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn token(text: &str) -> SigningToken {
    SigningToken::new(&Secret::from(text)).expect("a token")
}

const BASE: &str = "https://hooks.example.com";
const PATH: &str = "/v1/webhooks/twilio";

#[test]
fn every_vector_is_answered_as_expected() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 59);
    assert_eq!(vectors.iter().filter(|v| v.expect).count(), 45, "accepted ones");
    for v in vectors {
        let answer = match v.raw_form.as_deref().map(|raw| parse_form(raw.as_bytes())) {
            Some(Err(_)) => false,
            Some(Ok(params)) => verify(&v.url, &params, None, &v.signature, &v.auth_token),
            None => verify(
                &v.url,
                &v.params,
                v.raw_body.as_deref().map(str::as_bytes),
                &v.signature,
                &v.auth_token,
            ),
        };
        assert_eq!(answer, v.expect, "{}", v.id);
    }
}

#[test]
fn forms_read_back_from_the_wire_verify_like_the_vectors() {
    for v in vectors().into_iter().filter(|v| v.expect && v.raw_body.is_none()) {
        let wire: Vec<String> = v
            .params
            .iter()
            .map(|(key, value)| format!("{}={}", percent(key), percent(value)))
            .collect();
        let read = parse_form(wire.join("&").as_bytes()).expect("a form");
        assert_eq!(read, v.params, "{}", v.id);
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[test]
fn the_replacement_character_is_not_what_a_bad_byte_was() {
    let lossy = pairs(&[("Body", "\u{fffd}")]);
    let v = vectors().into_iter().find(|v| v.id == "N19").expect("N19");
    assert!(
        verify(&v.url, &lossy, None, &v.signature, &v.auth_token),
        "it is the signature of the replaced text"
    );
    assert_eq!(parse_form(b"Body=%FF"), Err(FormError::Utf8));
}

#[test]
fn s14_no_prefix_extension_or_changed_character_of_a_signature_passes() {
    let form = pairs(&[("Body", "hi"), ("To", "whatsapp:+254700000001")]);
    let url = format!("{BASE}{PATH}");
    let good = sign_form(&url, &form, &token("12345"));
    assert!(verify(&url, &form, None, &good, "12345"));
    for end in 0..good.len() {
        assert!(
            !verify(&url, &form, None, &good[..end], "12345"),
            "prefix of {end}"
        );
    }
    for tail in ["=", "A", " ", "\n"] {
        assert!(!verify(&url, &form, None, &format!("{good}{tail}"), "12345"));
        assert!(!verify(&url, &form, None, &format!("{tail}{good}"), "12345"));
    }
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_";
    for at in 0..good.len() {
        for new in alphabet.chars().filter(|c| *c != char::from(good.as_bytes()[at])) {
            let bad = format!("{}{new}{}", &good[..at], &good[at + 1..]);
            assert!(!verify(&url, &form, None, &bad, "12345"), "{bad}");
        }
    }
}

#[test]
fn whatever_is_signed_counts_and_order_and_repeats_do_not() {
    let url = format!("{BASE}{PATH}");
    let form = pairs(&[("Body", "hi"), ("From", "a"), ("Media", "1"), ("Media", "2")]);
    let good = sign_form(&url, &form, &token("12345"));
    let mut turned = form.clone();
    turned.reverse();
    turned.push(("Media".to_owned(), "1".to_owned()));
    assert!(verify(&url, &turned, None, &good, "12345"));
    for (case, other) in [
        (
            "value",
            pairs(&[("Body", "ho"), ("From", "a"), ("Media", "1"), ("Media", "2")]),
        ),
        (
            "space",
            pairs(&[("Body", "hi "), ("From", "a"), ("Media", "1"), ("Media", "2")]),
        ),
        (
            "case of a key",
            pairs(&[("body", "hi"), ("From", "a"), ("Media", "1"), ("Media", "2")]),
        ),
        ("missing", pairs(&[("Body", "hi"), ("From", "a"), ("Media", "1")])),
        (
            "extra",
            pairs(&[
                ("Body", "hi"),
                ("From", "a"),
                ("Media", "1"),
                ("Media", "2"),
                ("New", "x"),
            ]),
        ),
    ] {
        assert!(!verify(&url, &other, None, &good, "12345"), "{case}");
    }
    for other in [
        "http://hooks.example.com/v1/webhooks/twilio",
        "https://hooks.example.com/v1/webhooks/twilio/",
        "https://hooks.example.org/v1/webhooks/twilio",
        "https://hooks.example.com/v1/webhooks/twilio?x=1",
    ] {
        assert!(!verify(other, &form, None, &good, "12345"), "{other}");
    }
    assert!(!verify(&url, &form, None, &good, "12346"));
}

#[test]
fn either_token_passes_during_a_rotation_and_none_when_there_is_none() {
    let urls = candidates(BASE, PATH);
    let form = pairs(&[("Body", "hi")]);
    let (old, new, stranger) = (token("old"), token("new"), token("stranger"));
    let signed = |by: &SigningToken| Signature::parse(&sign_form(&urls[0], &form, by)).expect("a signature");
    for (by, passes) in [(&old, true), (&new, true), (&stranger, false)] {
        assert_eq!(verify_form(&urls, &form, &signed(by), &[&old, &new]), passes);
        assert_eq!(verify_form(&urls, &form, &signed(by), &[&new, &old]), passes);
    }
    assert!(!verify_form(&urls, &form, &signed(&old), &[]));
    assert!(!verify_form(&[], &form, &signed(&old), &[&old]));
    let dummy = SigningToken::random(&machine::world());
    assert!(!verify_form(&urls, &form, &signed(&old), &[&dummy]));
    assert!(SigningToken::new(&Secret::from("")).is_none());
}

#[test]
fn a_json_body_is_bound_by_exactly_one_digest() {
    let body = br#"{"a":1}"#;
    let digest = hex(&Sha256::digest(body));
    let key = token("12345");
    let passes = |query: &str, body: &[u8]| {
        let rest = format!("{PATH}?{query}");
        let urls = candidates(BASE, &rest);
        let signature = Signature::parse(&sign_url(&urls[0], &key)).expect("a signature");
        verify_json(&urls, query, body, &signature, &[&key])
    };
    assert!(passes(&format!("bodySHA256={digest}"), body));
    assert!(passes(&format!("x=1&bodySHA256={digest}&y="), body));
    assert!(!passes(&format!("bodySHA256={digest}"), br#"{"a":2}"#));
    assert!(!passes(&format!("bodySHA256={digest}"), b""));
    for query in [
        String::new(),
        "bodySHA256=".to_owned(),
        "bodySHA256".to_owned(),
        format!("bodysha256={digest}"),
        format!("bodySHA256={}", digest.to_uppercase()),
        format!("bodySHA256={digest}0"),
        format!("bodySHA256={digest}&bodySHA256={digest}"),
        format!("bodySHA256={digest}&body%53HA256={}", "0".repeat(64)),
        format!("bodySHA256={}&bodySHA256={digest}", "0".repeat(64)),
    ] {
        assert!(!passes(&query, body), "{query}");
    }
    let urls = candidates(BASE, &format!("{PATH}?bodySHA256={digest}"));
    let foreign = Signature::parse(&sign_url(&urls[0], &token("other"))).expect("a signature");
    assert!(!verify_json(
        &urls,
        &format!("bodySHA256={digest}"),
        body,
        &foreign,
        &[&key]
    ));
}

#[test]
fn spellings_of_an_address() {
    for (base, rest, expected) in [
        (
            "https://a.example",
            "/p",
            vec!["https://a.example/p", "https://a.example:443/p"],
        ),
        (
            "https://a.example/",
            "/p",
            vec!["https://a.example/p", "https://a.example:443/p"],
        ),
        (
            "https://a.example/desk",
            "/p?q",
            vec!["https://a.example/desk/p?q", "https://a.example:443/desk/p?q"],
        ),
        (
            "HTTP://A.example:8080",
            "/tw%69lio?x='",
            vec![
                "HTTP://A.example:8080/tw%69lio?x='",
                "HTTP://A.example:8080/tw%69lio?x=%27",
                "HTTP://A.example/tw%69lio?x='",
                "HTTP://A.example/tw%69lio?x=%27",
                "HTTP://A.example:80/tw%69lio?x='",
                "HTTP://A.example:80/tw%69lio?x=%27",
            ],
        ),
        (
            "https://u:p@[2001:db8::1]:8443",
            "/p'",
            vec![
                "https://u:p@[2001:db8::1]:8443/p'",
                "https://u:p@[2001:db8::1]/p'",
                "https://u:p@[2001:db8::1]:443/p'",
                "https://[2001:db8::1]:8443/p'",
                "https://[2001:db8::1]/p'",
                "https://[2001:db8::1]:443/p'",
            ],
        ),
        (
            "https://[2001:db8::1]",
            "",
            vec!["https://[2001:db8::1]", "https://[2001:db8::1]:443"],
        ),
    ] {
        assert_eq!(candidates(base, rest), expected, "{base} {rest}");
    }
}

#[test]
fn forms_are_read_strictly() {
    assert_eq!(parse_form(b""), Ok(vec![]));
    assert_eq!(
        parse_form(b"a=1&b=&c&=d&a=1"),
        Ok(pairs(&[("a", "1"), ("b", ""), ("c", ""), ("", "d"), ("a", "1")]))
    );
    assert_eq!(
        parse_form(b"a=x+y%20z%2B%00&&b==%3d"),
        Ok(pairs(&[("a", "x y z+\0"), ("b", "==")]))
    );
    assert_eq!(parse_form("a=é".as_bytes()), Ok(pairs(&[("a", "é")])));
    for bad in ["a=%", "a=%2", "a=%zz", "a=% 1", "%g0=1", "a=%+1", "a=%-1"] {
        assert_eq!(parse_form(bad.as_bytes()), Err(FormError::Percent), "{bad}");
    }
    for bad in [&b"a=%FF"[..], b"a=\xff", b"%C3=1", b"a=%ED%A0%80", b"a=%C0%80"] {
        assert_eq!(parse_form(bad), Err(FormError::Utf8), "{bad:?}");
    }
    let many = |count: usize| vec!["a=1"; count].join("&");
    assert_eq!(parse_form(many(256).as_bytes()).map(|p| p.len()), Ok(256));
    assert_eq!(parse_form(many(257).as_bytes()), Err(FormError::TooMany));
}

#[test]
fn tokens_and_signatures_are_not_printed() {
    let signature = Signature::parse("RSOYDt4T1cUTdK1PDd93/VVr8B8=").expect("a signature");
    assert_eq!(
        format!("{signature:?} {:?}", token("12345")),
        "Signature(***) SigningToken(***)"
    );
}
