use super::*;

fn key(seed: u8) -> EncryptionKey {
    let bytes: Vec<u8> = (0u8..32)
        .map(|i| i.wrapping_mul(37).wrapping_add(i / 3).wrapping_add(seed))
        .collect();
    EncryptionKey::parse(&STANDARD.encode(bytes)).expect("a fit key")
}

fn ring(current: u8, old: &[u8]) -> Keyring {
    Keyring::new(key(current), old.iter().copied().map(key).collect()).expect("a fit keyring")
}

fn tenant(n: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(n))
}

fn place() -> Place<'static> {
    Place {
        tenant: tenant(1),
        table: "channels",
        column: "auth_token",
        row: Uuid::from_u128(7),
    }
}

#[test]
fn keys_that_are_not_random_bytes_are_refused() {
    let counting: Vec<u8> = (0..32).collect();
    let mut halves: Vec<u8> = (0..16).map(|i: u8| i.wrapping_mul(73) ^ 0x80).collect();
    halves.extend(halves.clone());
    let fifteen: Vec<u8> = (0..32).map(|i: u8| (i % 15).wrapping_mul(17) | 0x80).collect();
    for (bytes, error) in [
        (vec![1; 31], KeyError::Length),
        (vec![1; 33], KeyError::Length),
        (vec![], KeyError::Length),
        (vec![0; 32], KeyError::Zeros),
        (vec![9; 32], KeyError::Entropy),
        (fifteen, KeyError::Entropy),
        (
            b"0123456789abcdef0123456789abcdef".to_vec(),
            KeyError::Predictable,
        ),
        (
            b"Pack my box with five dozen jugs".to_vec(),
            KeyError::Predictable,
        ),
        (counting, KeyError::Predictable),
        (halves, KeyError::Predictable),
    ] {
        assert_eq!(
            EncryptionKey::parse(&STANDARD.encode(&bytes)).err(),
            Some(error),
            "{bytes:?}"
        );
    }
    for text in ["", "%%%", "not base64!", "AAAA AAAA"] {
        let error = EncryptionKey::parse(text).err();
        assert!(
            matches!(error, Some(KeyError::Base64 | KeyError::Length)),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn a_keyring_does_not_take_a_key_twice() {
    assert_eq!(
        Keyring::new(key(1), vec![key(2), key(1)]).err(),
        Some(KeyError::CurrentAmongOld)
    );
    assert_eq!(
        Keyring::new(key(1), vec![key(2), key(2)]).err(),
        Some(KeyError::Repeated)
    );
    let many = (2..=18).map(key).collect();
    assert_eq!(Keyring::new(key(1), many).err(), Some(KeyError::TooMany));
    assert!(Keyring::new(key(1), (2..=17).map(key).collect()).is_ok());
}

#[test]
fn what_was_sealed_opens_in_its_place() {
    let ring = ring(1, &[]);
    for text in [&b""[..], b"x", "Zoë 🛍️".as_bytes(), &[0u8; 5000]] {
        let envelope = ring.seal(&place(), text, [3; 12]);
        assert!(
            envelope.starts_with(&format!("wk1.{}.", ring.current_kid())),
            "{envelope}"
        );
        assert_eq!(
            ring.open(&place(), &envelope).map(|t| t.to_vec()),
            Ok(text.to_vec())
        );
        assert_eq!(kid_of(&envelope), Some(ring.current_kid()));
    }
}

#[test]
fn s45_a_ciphertext_that_was_moved_does_not_open() {
    let ring = ring(1, &[]);
    let envelope = ring.seal(&place(), b"token", [3; 12]);
    for moved in [
        Place {
            tenant: tenant(2),
            ..place()
        },
        Place {
            table: "integrations",
            ..place()
        },
        Place {
            column: "api_key",
            ..place()
        },
        Place {
            row: Uuid::from_u128(8),
            ..place()
        },
        // The same letters, cut elsewhere.
        Place {
            table: "channelsa",
            column: "uth_token",
            ..place()
        },
        Place::platform("channels", "auth_token", Uuid::from_u128(7)),
    ] {
        assert_eq!(ring.open(&moved, &envelope), Err(OpenError::Refused), "{moved:?}");
    }
}

#[test]
fn tenants_do_not_share_a_key_even_at_the_same_nonce() {
    let ring = ring(1, &[]);
    let one = ring.seal(&place(), b"same text here", [0; 12]);
    let two = ring.seal(
        &Place {
            tenant: tenant(2),
            ..place()
        },
        b"same text here",
        [0; 12],
    );
    let body = |envelope: &str| {
        let bytes = Envelope::parse(envelope).expect("an envelope").ciphertext;
        bytes[..bytes.len() - 16].to_vec()
    };
    assert_ne!(body(&one), body(&two));
}

#[test]
fn rotation_opens_old_writes_new_and_forgets_the_retired() {
    let before = ring(1, &[]);
    let envelope = before.seal(&place(), b"token", [3; 12]);
    let during = ring(2, &[1]);
    assert_eq!(
        during.open(&place(), &envelope).map(|t| t.to_vec()),
        Ok(b"token".to_vec())
    );
    let again = during.seal(&place(), b"token", [4; 12]);
    assert_eq!(kid_of(&again), Some(during.current_kid()));
    assert_ne!(kid_of(&again), kid_of(&envelope));
    let after = ring(2, &[]);
    assert_eq!(after.open(&place(), &envelope), Err(OpenError::UnknownKey));
    assert!(after.open(&place(), &again).is_ok());
}

#[test]
fn another_kid_in_the_envelope_is_one_failed_attempt() {
    let ring = ring(2, &[1]);
    let envelope = ring.seal(&place(), b"token", [3; 12]);
    let old_kid = ring.kids().nth(1).expect("an old key").to_owned();
    let swapped = envelope.replace(ring.current_kid(), &old_kid);
    assert_eq!(ring.open(&place(), &swapped), Err(OpenError::Refused));
    let unknown = envelope.replace(ring.current_kid(), "AAAAAAAAAAA");
    assert_eq!(ring.open(&place(), &unknown), Err(OpenError::UnknownKey));
}

#[test]
fn no_prefix_and_no_changed_character_opens() {
    let ring = ring(1, &[]);
    let envelope = ring.seal(&place(), b"the auth token", [3; 12]);
    for end in 0..envelope.len() {
        assert!(ring.open(&place(), &envelope[..end]).is_err(), "prefix of {end}");
    }
    for at in 0..envelope.len() {
        let old = envelope.as_bytes()[at];
        let new = if old == b'A' { 'B' } else { 'A' };
        let changed = format!("{}{new}{}", &envelope[..at], &envelope[at + 1..]);
        assert!(ring.open(&place(), &changed).is_err(), "changed at {at}");
    }
    for text in [
        "",
        "wk1",
        "wk1...",
        "wk2.a.b.c",
        "plain text",
        &format!("{envelope}."),
        &format!("{envelope}.x"),
    ] {
        assert_eq!(ring.open(&place(), text), Err(OpenError::Malformed), "{text}");
        assert_eq!(kid_of(text), None);
    }
}

#[test]
fn blind_indexes_write_one_and_read_all() {
    let before = ring(1, &[]);
    let written = before.blind_index(tenant(1), "phone", "+254700000001");
    let during = ring(2, &[1]);
    let searched = during.blind_indexes(tenant(1), "phone", "+254700000001");
    assert_eq!(
        searched.first(),
        Some(&during.blind_index(tenant(1), "phone", "+254700000001"))
    );
    assert!(
        searched.contains(&written),
        "a row written before the rotation is still found"
    );
    for other in [
        during.blind_index(tenant(2), "phone", "+254700000001"),
        during.blind_index(tenant(1), "email", "+254700000001"),
        during.blind_index(tenant(1), "phone", "+254700000002"),
        during.blind_index(tenant(1), "phone+", "254700000001"),
    ] {
        assert!(!searched.contains(&other));
    }
}

#[test]
fn an_address_is_ours_for_one_subject_and_through_a_rotation() {
    let before = ring(1, &[]);
    let mac = before.address_mac(tenant(1), "mpesa.payment", "apr_1");
    let during = ring(2, &[1]);
    assert!(before.is_address_mac(tenant(1), "mpesa.payment", "apr_1", &mac));
    assert!(during.is_address_mac(tenant(1), "mpesa.payment", "apr_1", &mac));
    for (of, purpose, subject) in [
        (2, "mpesa.payment", "apr_1"),
        (1, "mpesa.look_up", "apr_1"),
        (1, "mpesa.payment", "apr_2"),
        (1, "mpesa.paymenta", "pr_1"),
    ] {
        assert!(!during.is_address_mac(tenant(of), purpose, subject, &mac));
    }
    for end in 0..mac.len() {
        assert!(!before.is_address_mac(tenant(1), "mpesa.payment", "apr_1", &mac[..end]));
    }
    assert!(!ring(2, &[]).is_address_mac(tenant(1), "mpesa.payment", "apr_1", &mac));
    assert_ne!(mac, before.blind_index(tenant(1), "mpesa.payment", "apr_1"));
}

/// Whether any of these keys made the link.
fn holds(ring: &Keyring, tenant: TenantId, previous: &[u8], canonical: &[u8], link: &[u8]) -> bool {
    ring.chain_keys(tenant)
        .iter()
        .any(|(_, key)| key.holds(previous, canonical, link))
}

#[test]
fn a_chain_link_depends_on_everything_and_survives_rotation() {
    let before = ring(1, &[]);
    let link = before.chain_mac(tenant(1), b"previous", b"event");
    let during = ring(2, &[1]);
    assert!(holds(&during, tenant(1), b"previous", b"event", &link));
    assert!(!holds(&during, tenant(2), b"previous", b"event", &link));
    assert!(!holds(&during, tenant(1), b"Previous", b"event", &link));
    assert!(!holds(&during, tenant(1), b"previouse", b"vent", &link));
    assert!(!holds(&during, tenant(1), b"previous", b"event!", &link));
    assert!(!holds(&during, tenant(1), b"previous", b"event", &link[..31]));
    assert!(!holds(&ring(3, &[]), tenant(1), b"previous", b"event", &link));
}

#[test]
fn what_a_key_gave_to_a_chain_can_be_kept_without_the_key() {
    let before = ring(1, &[]);
    let link = before.chain_mac(tenant(1), b"previous", b"event");
    let during = ring(2, &[1]);
    let names: Vec<&str> = during.chain_keys(tenant(1)).iter().map(|(kid, _)| *kid).collect();
    assert_eq!(names, during.kids().collect::<Vec<_>>());
    let (_, old) = during.chain_keys(tenant(1)).remove(1);
    let kept = ChainKey::from_bytes(old.expose()).expect("32 bytes");
    assert!(kept.holds(b"previous", b"event", &link) && kept.is(&old));
    let (_, of_another) = during.chain_keys(tenant(2)).remove(1);
    assert!(!of_another.holds(b"previous", b"event", &link) && !of_another.is(&old));
    assert!(ChainKey::from_bytes(&old.expose()[..31]).is_none());
    assert_eq!(format!("{old:?}"), "ChainKey");
}

#[test]
fn printing_keys_shows_their_name_only() {
    let shown = format!("{:?} {:?}", key(1), ring(1, &[2]));
    assert!(shown.contains(&key(1).kid()));
    assert!(!shown.contains(&STANDARD.encode(*key(1).0)[..20]));
}
