//! Access tokens of the REST API: HS256 and nothing else, judged by the hour that is handed in.
//!
//! Never reads the machine's clock, never follows a header that names a key, and does not know whether the person
//! still may: the caller compares `tv` with the database.

use domain::{ids::UserId, time::Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::Secret;

pub const ISSUER: &str = "wabotiq";
pub const AUDIENCE: &str = "wabotiq-api";
pub const ACCESS: &str = "access";
/// RFC 7518 §3.2: an HS256 key is at least as long as the hash.
pub const MIN_SECRET_BYTES: usize = 32;
/// Longest life of a token, in seconds.
pub const MAX_LIFE_SECONDS: u64 = 86_400;

/// One answer for whatever is wrong with a token; the details would only help who forges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("JWT_SECRET_KEY has fewer than {MIN_SECRET_BYTES} bytes")]
    WeakSecret,
    #[error("the token could not be made")]
    NotIssued,
    #[error("the token is not valid")]
    Refused,
}

/// What a token says. Dates are whole seconds since 1970, as numbers: a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub user_id: UserId,
    pub email: String,
    pub iat: u64,
    pub exp: u64,
    pub nbf: u64,
    pub iss: String,
    pub aud: String,
    pub typ: String,
    /// Names this one token.
    pub jti: String,
    /// The person's token version: a higher one in the database ends all earlier tokens.
    pub tv: i64,
}

impl Claims {
    /// An access token from `now` on. A life over 24 hours is cut to 24 hours.
    pub fn access(
        user_id: UserId,
        email: &str,
        tv: i64,
        jti: String,
        now: Timestamp,
        life_seconds: u64,
    ) -> Self {
        let iat = seconds(now);
        Self {
            user_id,
            email: email.to_owned(),
            iat,
            exp: iat.saturating_add(life_seconds.min(MAX_LIFE_SECONDS)),
            nbf: iat,
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            typ: ACCESS.to_owned(),
            jti,
            tv,
        }
    }
}

/// The one key that signs and checks.
#[derive(Clone)]
pub struct JwtKeys {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for JwtKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtKeys(***)")
    }
}

impl JwtKeys {
    pub fn new(secret: &Secret) -> Result<Self, JwtError> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < MIN_SECRET_BYTES {
            return Err(JwtError::WeakSecret);
        }
        Ok(Self {
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
        })
    }

    pub fn issue(&self, claims: &Claims) -> Result<Secret, JwtError> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .map(Secret::from)
            .map_err(|_| JwtError::NotIssued)
    }

    /// The claims of a token that is ours, meant for this API, and valid at `now` with no leeway.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, JwtError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.leeway = 0;
        // The library would read the machine's clock: dates are compared below with the hour handed in.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation)
            .map_err(|_| JwtError::Refused)?;
        // Ours carry `alg` and `typ` only. A header that names a key, a place for keys or an extension is not ours.
        let is_ours = data.header == Header::new(Algorithm::HS256);
        let claims = data.claims;
        let now = seconds(now);
        let in_time = claims.iat <= now
            && claims.nbf <= now
            && now < claims.exp
            && claims.exp.saturating_sub(claims.iat) <= MAX_LIFE_SECONDS;
        let is_access =
            claims.typ == ACCESS && claims.iss == ISSUER && claims.aud == AUDIENCE && !claims.jti.is_empty();
        if is_ours && in_time && is_access {
            Ok(claims)
        } else {
            Err(JwtError::Refused)
        }
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.millis().div_euclid(1000)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use domain::ids::Id;
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::{Value, json};
    use sha2::{Sha256, Sha384};

    use super::*;

    const SECRET: &str = "an-hs256-secret-of-forty-two-characters-ok";
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_999);

    fn keys() -> JwtKeys {
        JwtKeys::new(&Secret::from(SECRET)).expect("a fit secret")
    }

    fn claims() -> Claims {
        Claims::access(
            UserId::from_uuid(uuid::Uuid::from_u128(5)),
            "a@example.com",
            3,
            "one".to_owned(),
            NOW,
            3600,
        )
    }

    /// Signs whatever header and payload a forger who knew the key would write.
    fn sign(header: &str, payload: &str, secret: &str) -> String {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(payload)
        );
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .expect("any length")
            .chain_update(&message);
        format!(
            "{message}.{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    }

    const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

    fn with(change: impl FnOnce(&mut Value)) -> String {
        let mut value = serde_json::to_value(claims()).expect("JSON");
        change(&mut value);
        sign(HEADER, &value.to_string(), SECRET)
    }

    #[test]
    fn what_was_issued_is_verified() {
        let token = keys().issue(&claims()).expect("a token");
        assert_eq!(keys().verify(token.expose(), NOW), Ok(claims()));
        assert_eq!(
            keys().verify(&with(|_| ()), NOW),
            Ok(claims()),
            "the tests' own signing works"
        );
    }

    #[test]
    fn a_token_ends_at_its_second_and_starts_at_its_second() {
        let token = keys().issue(&claims()).expect("a token");
        let at = |seconds: i64| keys().verify(token.expose(), NOW.plus_seconds(seconds)).is_ok();
        assert!(at(3599));
        assert!(!at(3600), "no leeway after exp");
        assert!(!at(-1), "no leeway before nbf");
    }

    #[test]
    fn s33_claims_of_the_wrong_type_missing_or_foreign_are_refused() {
        let refused = |case: &str, token: String| {
            assert_eq!(keys().verify(&token, NOW), Err(JwtError::Refused), "{case}");
        };
        for name in [
            "user_id", "email", "iat", "exp", "nbf", "iss", "aud", "typ", "jti", "tv",
        ] {
            refused(
                name,
                with(|c| drop(c.as_object_mut().and_then(|c| c.remove(name)))),
            );
            refused(name, with(|c| c[name] = Value::Null));
        }
        for name in ["exp", "nbf", "iat"] {
            refused(name, with(|c| c[name] = json!(c[name].to_string())));
            refused(name, with(|c| c[name] = json!(-1)));
            refused(name, with(|c| c[name] = json!([c[name]])));
            refused(name, with(|c| c[name] = json!(true)));
            let number = claims();
            let text = serde_json::to_string(&number).expect("JSON");
            for huge in ["1e309", "-1e309", "NaN", "99999999999999999999999"] {
                let field = format!(
                    "\"{name}\":{}",
                    if name == "exp" { number.exp } else { number.iat }
                );
                let changed = text.replace(&field, &format!("\"{name}\":{huge}"));
                assert_ne!(changed, text);
                refused(huge, sign(HEADER, &changed, SECRET));
            }
        }
        refused("expired", with(|c| c["exp"] = json!(1)));
        refused("immature", with(|c| c["nbf"] = json!(1_800_000_001)));
        refused("from the future", with(|c| c["iat"] = json!(1_800_000_001)));
        refused(
            "lives too long",
            with(|c| c["exp"] = json!(1_800_000_000 + 86_401)),
        );
        refused("issuer", with(|c| c["iss"] = json!("elsewhere")));
        refused("issuers", with(|c| c["iss"] = json!(["wabotiq"])));
        refused("audience", with(|c| c["aud"] = json!("wabotiq-admin")));
        refused("audiences", with(|c| c["aud"] = json!(["wabotiq-api", "other"])));
        refused("reset token", with(|c| c["typ"] = json!("reset")));
        refused("no name", with(|c| c["jti"] = json!("")));
        refused(
            "another kind of id",
            with(|c| c["user_id"] = json!("tnt_00000000000000000000000000000005")),
        );
        let twice = serde_json::to_string(&claims())
            .expect("JSON")
            .replacen('{', "{\"exp\":9999999999,", 1);
        refused("a claim twice", sign(HEADER, &twice, SECRET));
    }

    #[test]
    fn s34_other_algorithms_and_headers_that_choose_a_key_are_refused() {
        let payload = serde_json::to_string(&claims()).expect("JSON");
        for header in [
            r#"{"typ":"JWT","alg":"none"}"#,
            r#"{"typ":"JWT","alg":"None"}"#,
            r#"{"typ":"JWT","alg":"HS384"}"#,
            r#"{"typ":"JWT","alg":"HS512"}"#,
            r#"{"typ":"JWT","alg":"RS256"}"#,
            r#"{"typ":"JWT","alg":"ES256"}"#,
            r#"{"typ":"JWT","alg":"hs256"}"#,
            r#"{"typ":"JWT"}"#,
            r#"{"typ":"reset","alg":"HS256"}"#,
            r#"{"typ":"JWT","alg":"HS256","kid":"../../dev/null"}"#,
            r#"{"typ":"JWT","alg":"HS256","jku":"https://evil.example/keys"}"#,
            r#"{"typ":"JWT","alg":"HS256","x5u":"https://evil.example/keys"}"#,
            r#"{"typ":"JWT","alg":"HS256","crit":["exp"]}"#,
            r#"{"typ":"JWT","alg":"HS256","b64":false}"#,
        ] {
            assert_eq!(
                keys().verify(&sign(header, &payload, SECRET), NOW),
                Err(JwtError::Refused),
                "{header}"
            );
        }
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS384"}"#),
            URL_SAFE_NO_PAD.encode(&payload)
        );
        let mac = Hmac::<Sha384>::new_from_slice(SECRET.as_bytes())
            .expect("any length")
            .chain_update(&message);
        let hs384 = format!(
            "{message}.{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        );
        assert_eq!(keys().verify(&hs384, NOW), Err(JwtError::Refused));
    }

    #[test]
    fn a_changed_cut_or_unsigned_token_is_refused() {
        let token = keys().issue(&claims()).expect("a token").expose().to_owned();
        for end in 0..token.len() {
            assert!(keys().verify(&token[..end], NOW).is_err(), "prefix of {end}");
        }
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        for bad in [
            format!("{message}."),
            format!("{token}."),
            format!("{token}A"),
            format!(" {token}"),
            format!("{token}="),
        ] {
            assert!(keys().verify(&bad, NOW).is_err(), "{bad}");
        }
        for at in 0..message.len() {
            let new = if message.as_bytes()[at] == b'A' { 'B' } else { 'A' };
            let bad = format!("{}{new}{}.{signature}", &message[..at], &message[at + 1..]);
            assert!(keys().verify(&bad, NOW).is_err(), "changed at {at}");
        }
        let other = sign(
            HEADER,
            &serde_json::to_string(&claims()).expect("JSON"),
            "another-secret-that-is-long-enough-too",
        );
        assert!(keys().verify(&other, NOW).is_err());
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_printed() {
        assert_eq!(
            JwtKeys::new(&Secret::from("x".repeat(31))).err(),
            Some(JwtError::WeakSecret)
        );
        assert!(!format!("{:?}", keys()).contains(SECRET));
    }
}
