use super::*;

type Refused = fn(&Rejected) -> bool;

fn check(raw: &str, expect: Result<(Intent, f64), Refused>) {
    let got = validate(raw);
    match (&got, expect) {
        (Ok(read), Ok((intent, confidence))) => {
            assert_eq!(
                (read.intent(), read.confidence().value()),
                (intent, confidence),
                "{raw}"
            );
        }
        (Err(rejected), Err(is)) if is(rejected) => {}
        _ => panic!("{raw:?} gave {got:?}"),
    }
}

#[test]
fn answers_pass_or_are_refused_for_their_reason() {
    let schema: Refused = |rejected| matches!(rejected, Rejected::Schema { .. });
    let not_json: Refused = |rejected| matches!(rejected, Rejected::NotJson(_));
    let twice: Refused = |rejected| matches!(rejected, Rejected::DuplicateKey(_));
    let deep: Refused = |rejected| matches!(rejected, Rejected::TooDeep);

    check(
        r#"{"intent":"PRICE_CHECK","confidence":0.9}"#,
        Ok((Intent::PriceCheck, 0.9)),
    );
    check(
        r#"{"intent":"GREETING","confidence":1,"slots":{},"reasoning":"hi"}"#,
        Ok((Intent::Greeting, 1.0)),
    );
    check(r#" {"intent":"OTHER","confidence":0} "#, Ok((Intent::Other, 0.0)));
    // An intent outside the list is OTHER at 0.5, whatever the model was sure of.
    check(
        r#"{"intent":"REFUND","confidence":0.99}"#,
        Ok((Intent::Other, 0.5)),
    );
    check(
        r#"{"intent":"greeting","confidence":0.99}"#,
        Ok((Intent::Other, 0.5)),
    );
    check(r#"{"intent":"","confidence":0.99}"#, Ok((Intent::Other, 0.5)));

    check("not json", Err(not_json));
    check("", Err(not_json));
    check(
        "```json\n{\"intent\":\"OTHER\",\"confidence\":1}\n```",
        Err(not_json),
    );
    check(r#"{"intent":"OTHER","confidence":1} and more"#, Err(not_json));
    check(r#"{"intent":"OTHER","confidence":NaN}"#, Err(not_json));
    check(r#"{"intent":"OTHER","confidence":Infinity}"#, Err(not_json));
    check(r#"{"intent":"OTHER","confidence":1e999}"#, Err(not_json));
    check("null", Err(schema));
    check("[]", Err(schema));
    check("{}", Err(schema));
    check(r#"{"intent":"OTHER"}"#, Err(schema));
    check(r#"{"confidence":0.5}"#, Err(schema));
    check(r#"{"intent":7,"confidence":0.5}"#, Err(schema));
    check(r#"{"intent":"OTHER","confidence":"0.5"}"#, Err(schema));
    check(r#"{"intent":"OTHER","confidence":1.01}"#, Err(schema));
    check(r#"{"intent":"OTHER","confidence":-0.01}"#, Err(schema));
    check(r#"{"intent":"OTHER","confidence":0.5,"extra":1}"#, Err(schema));
    check(r#"{"intent":"OTHER","confidence":0.5,"slots":[]}"#, Err(schema));
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"a-b":1}}"#,
        Err(schema),
    );
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"abc\n":1}}"#,
        Err(schema),
    );
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"":1}}"#,
        Err(schema),
    );
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"é":1}}"#,
        Err(schema),
    );
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"a":{"b":1}}}"#,
        Err(schema),
    );
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"a":["b"]}}"#,
        Err(schema),
    );
    check(
        r#"{"intent":"OTHER","intent":"STOP_ALL","confidence":0.5}"#,
        Err(twice),
    );
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"a":1,"a":2}}"#,
        Err(twice),
    );
    check(
        r#"{"intent":"OTHER","confidence":0.5,"slots":{"a":1,"\u0061":2}}"#,
        Err(twice),
    );
    check(&format!("{}{}", "[".repeat(5), "]".repeat(5)), Err(deep));
    check(&"[".repeat(60_000), Err(deep));
    check(
        &format!("{{\"intent\":\"{}\"}}", "x".repeat(ANSWER_MAX_BYTES)),
        Err(|rejected| matches!(rejected, Rejected::TooLarge(_))),
    );
}

#[test]
fn at_most_twenty_slots_of_at_most_500_characters() {
    let with_slots = |slots: Value| json!({"intent": "OTHER", "confidence": 0.5, "slots": slots});
    let many = |count: usize| -> Value {
        (0..count)
            .map(|n| (format!("s{n}"), json!(n)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    assert_eq!(
        validate_value(&with_slots(many(20))).map(|read| read.slots().len()),
        Ok(20)
    );
    assert!(validate_value(&with_slots(many(21))).is_err());
    assert!(validate_value(&with_slots(json!({"q": "é".repeat(500)}))).is_ok());
    assert!(validate_value(&with_slots(json!({"q": "é".repeat(501)}))).is_err());
    assert!(
        validate_value(&json!({"intent": "OTHER", "confidence": 0.5, "reasoning": "r".repeat(1001)}))
            .is_err()
    );
}

#[test]
fn an_unknown_intent_is_flagged_and_the_strict_check_refuses_it() {
    let read = validate(r#"{"intent":"RANDOM_GIBBERISH","confidence":0.9}"#).expect("well formed");
    assert_eq!(read.unknown_intent(), Some("RANDOM_GIBBERISH"));
    let strict = validate_intent_response(&json!({"intent": "RANDOM_GIBBERISH", "confidence": 0.9}));
    assert_eq!(strict, Err(Rejected::UnknownIntent("RANDOM_GIBBERISH".into())));
    assert!(validate_intent_response(&json!("not json")).is_err());
}

#[test]
fn the_guides_hostile_slots_are_kept_as_text_and_shown_harmless() {
    for (hostile, gone) in [
        ("'; DROP TABLE products; --", "DROP TABLE"),
        ("<script>alert('xss')</script>", "<script>"),
    ] {
        let raw =
            json!({"intent": "BROWSE_PRODUCTS", "confidence": 0.9, "slots": {"product_query": hostile}})
                .to_string();
        let read = validate(&raw).expect("well formed");
        let kept = read
            .slots()
            .get("product_query")
            .and_then(SlotValue::as_text)
            .expect("kept");
        assert_eq!(kept, hostile, "what is stored is what was written");
        assert!(!display_safe(kept).contains(gone));
    }
}

#[test]
fn slot_values_become_plain() {
    let check = |value: Value, expect: Option<SlotValue>| {
        let slots = json!({ "k": value });
        let got = sanitise_slots(slots.as_object().expect("object"))
            .get("k")
            .cloned();
        assert_eq!(got, expect, "{value}");
    };
    let text = |text: &str| Some(SlotValue::Text(text.into()));
    check(json!("  men's shoes \n"), text("men's shoes"));
    check(json!("a\u{0}b\u{1b}[31mc"), text("ab[31mc"));
    check(json!("O'Brien & Sons"), text("O'Brien & Sons"));
    check(json!("cafe\u{301}"), text("café"));
    check(json!(" \u{0} \t"), None);
    check(json!(""), None);
    check(json!("é".repeat(600)), text(&"é".repeat(500)));
    check(json!(format!("{} tail", "x".repeat(499))), text(&"x".repeat(499)));
    check(json!(true), Some(SlotValue::Flag(true)));
    check(json!(null), Some(SlotValue::Null));
    check(json!(3), Some(SlotValue::Integer(3)));
    check(json!(i64::MAX), Some(SlotValue::Integer(2_147_483_647)));
    check(json!(u64::MAX), Some(SlotValue::Integer(2_147_483_647)));
    check(json!(i64::MIN), Some(SlotValue::Integer(-2_147_483_648)));
    check(json!(2.5), Some(SlotValue::Number(2.5)));
    check(json!(1.7e308), Some(SlotValue::Number(1e308)));
    check(json!(["a"]), None);
    let odd = json!({"good_1": 1, "bad key": 2, "bad\n": 3});
    assert_eq!(
        sanitise_slots(odd.as_object().expect("object"))
            .into_keys()
            .collect::<Vec<_>>(),
        ["good_1"]
    );
}

#[test]
fn our_own_readers_pass_the_same_gate() {
    let slots = Slots::from([(
        "product_query".to_owned(),
        SlotValue::Text(" kettle\u{0} ".into()),
    )]);
    let reading = own_reading(Reader::Keywords, Intent::PriceCheck, 0.9, slots, "cue");
    assert_eq!(
        reading.slots.get("product_query").and_then(SlotValue::as_text),
        Some("kettle")
    );
    let broken = own_reading(
        Reader::Keywords,
        Intent::PriceCheck,
        f64::NAN,
        Slots::new(),
        "cue",
    );
    assert_eq!(
        (broken.intent, broken.confidence),
        (Intent::Other, Confidence::NONE)
    );
    let key = Slots::from([("a b".to_owned(), SlotValue::Integer(1))]);
    assert_eq!(
        own_reading(Reader::Rules, Intent::StopAll, 1.0, key, "").intent,
        Intent::Other
    );
}
