use crypto::{Secret, password::Passwords};
use services::access::check_password;
use store::NewUser;
use testkit::{both_databases, people::machine};

both_databases! {
    async fn one_run_of_argon2_whoever_signs_in(db: Db) {
        let store = db.store().await;
        let passwords = Passwords::new(2);
        let hash = passwords.hash(Secret::from("correct horse"), store.world().bytes()).await.expect("a hash");
        let new = NewUser { email: "Asha@example.com".into(), name: "Asha".into(), password_hash: hash };
        let user = store.create_user(&machine(), new).await.expect("a user");
        for (email, password, expect) in [
            ("asha@example.com", "correct horse", Some(user)),
            (" ASHA@EXAMPLE.COM ", "correct horse", Some(user)),
            ("asha@example.com", "Correct horse", None),
            ("nobody@example.com", "correct horse", None),
            ("", "", None),
            (&format!("{}@example.com", "x".repeat(10_000)), "correct horse", None),
            ("asha@example.com", &"p".repeat(100_000), None),
        ] {
            let before = passwords.runs();
            let identity = check_password(&store, &passwords, email, Secret::from(password)).await.expect("an answer");
            assert_eq!(identity.map(|identity| identity.user), expect, "{email:.40}");
            assert_eq!(passwords.runs() - before, 1, "{email:.40}");
        }
    }

    async fn a_hash_of_the_past_is_renewed_at_the_next_sign_in(db: Db) {
        let store = db.store().await;
        let passwords = Passwords::new(2);
        let old = "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$";
        let fresh = passwords.hash(Secret::from("correct horse"), [7; 16]).await.expect("a hash");
        let new = NewUser { email: "asha@example.com".into(), name: "Asha".into(), password_hash: weaker("correct horse", old) };
        store.create_user(&machine(), new).await.expect("a user");
        let stored = || async { store.find_user("asha@example.com").await.expect("a look-up").expect("the user").password_hash };
        let sign_in = |password: &'static str| check_password(&store, &passwords, "asha@example.com", Secret::from(password));
        assert!(sign_in("wrong").await.expect("an answer").is_none());
        assert!(stored().await.contains("m=8192"), "a wrong password renews nothing");
        assert!(sign_in("correct horse").await.expect("an answer").is_some());
        let parameters = |hash: &str| hash.split('$').nth(3).map(str::to_owned);
        assert_eq!(parameters(&stored().await), parameters(&fresh));
        assert!(sign_in("correct horse").await.expect("an answer").is_some());
    }
}

/// A hash of this password with the parameters and salt of `prefix`.
fn weaker(password: &str, prefix: &str) -> String {
    use argon2::{Algorithm, Argon2, Params, Version};
    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    let mut parts = prefix.split('$').skip(4);
    let salt = STANDARD_NO_PAD
        .decode(parts.next().expect("a salt"))
        .expect("base64");
    let mut output = [0u8; 32];
    Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(8_192, 1, 1, Some(32)).expect("parameters"),
    )
    .hash_password_into(password.as_bytes(), &salt, &mut output)
    .expect("a hash");
    format!("{prefix}{}", STANDARD_NO_PAD.encode(output))
}
