//! A second factor in place: a code or a passkey, shown for exactly what is on the screen.
//!
//! Never keeps a code that was typed, and never makes up what is signed: act and hash come with what is shown.

use contract::approvals::Proof;
use contract::{ApiError, access::SecurityView};
#[cfg(feature = "ssr")]
use contract::{
    ErrorCode,
    approvals::{Act, Signed},
};
#[cfg(feature = "ssr")]
use domain::ids::ApprovalId;
use leptos::{html, prelude::*};
use serde::{Deserialize, Serialize};

use super::calls::passkey_question_for;
use crate::{
    access::{
        DemoCodeIs, PasskeyButton,
        calls::{demo_code, security},
        passkeys_known,
    },
    call::CallError,
    ui::{Banner, Button, Complaints, Failure, Field, Skeleton, Tone, Variant},
    words::approvals as words,
};

/// What a form says about it: the act, and a code or a device's answer.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// Such as `withdrawal:approve`.
    pub action: String,
    pub payload_hash: String,
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub passkey: String,
}

impl std::fmt::Debug for Sign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sign")
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

impl Sign {
    /// A device's answer, where there is one: what was typed before is then of no interest.
    pub fn proof(&self) -> Result<Proof, ApiError> {
        match (self.passkey.trim(), self.code.trim()) {
            ("", "") => Err(ApiError::invalid("code", words::CODE_MISSING)),
            ("", code) => Ok(Proof::Code(code.to_owned())),
            (answer, _) => Ok(Proof::Passkey(answer.to_owned())),
        }
    }

    #[cfg(feature = "ssr")]
    pub(crate) async fn signed(self) -> Result<Signed, crate::call::CallError> {
        let proof = self.proof()?;
        let act = Act {
            action: self.action,
            payload_hash: self.payload_hash,
        };
        Ok(crate::call::access()?.sign(act, proof).await?)
    }
}

/// Asks first without the second factor: no code is spent on what was asked for before, or can't be.
#[cfg(feature = "ssr")]
pub(crate) async fn ask_signed<F>(
    sign: Sign,
    ask: impl Fn(Option<Signed>) -> F,
) -> Result<ApprovalId, crate::call::CallError>
where
    F: Future<Output = Result<ApprovalId, ApiError>>,
{
    match ask(None).await {
        Err(error) if error.code == ErrorCode::StepUpRequired => Ok(ask(Some(sign.signed().await?)).await?),
        answer => Ok(answer?),
    }
}

/// How the one who looks shows that it is them, and in a demo the code of now. Asked for by the page itself, outside of whatever else
/// it waits for: what is asked inside of that is numbered differently by server and browser.
#[derive(Clone, Copy)]
struct SignWays {
    how: Resource<Result<(SecurityView, Option<String>), CallError>>,
    again: RwSignal<u32>,
}

/// The first statement of a page with a [`SignBox`].
pub(crate) fn provide_sign() {
    let again = RwSignal::new(0);
    let how = Resource::new(
        move || again.get(),
        |_| async move {
            let how = security().await?;
            let code = if how.has_app {
                demo_code().await.ok().flatten()
            } else {
                None
            };
            Ok((how, code))
        },
    );
    provide_context(SignWays { how, again });
}

/// Inside a form: asks for a code or a passkey, and sends the form. What the form was refused with stands at the code, where it
/// is about that.
#[component]
pub fn SignBox(
    #[prop(into)] action: String,
    #[prop(into)] payload_hash: String,
    /// What the button says, such as `Approve KES 1,200`.
    #[prop(into)]
    label: String,
    icon: &'static str,
    refused: Complaints,
    #[prop(into)] busy: Signal<bool>,
) -> impl IntoView {
    let SignWays { how, again } = expect_context();
    // A code works once: after each answer the next one is shown.
    Effect::new(move |before: Option<()>| {
        refused.0.track();
        if before.is_some() {
            again.update(|count| *count += 1);
        }
    });
    let passkey = NodeRef::<html::Input>::new();
    let act = StoredValue::new((action.clone(), payload_hash.clone()));
    let label = StoredValue::new(label);
    view! {
        <input type="hidden" name="sign[action]" value=action/>
        <input type="hidden" name="sign[payload_hash]" value=payload_hash/>
        <input type="hidden" name="sign[passkey]" node_ref=passkey/>
        <Transition fallback=|| view! { <Skeleton lines=2/> }>
            {move || Suspend::new(async move {
                match how.await {
                    Ok((how, _)) if !how.has_second_factor => view! { <NoFactor/> }.into_any(),
                    Ok((how, demo)) => view! {
                        <Ways how demo act passkey refused/>
                        <Button kind="submit" variant=Variant::Primary icon busy class="btn-block">
                            {label.get_value()}
                        </Button>
                    }
                    .into_any(),
                    Err(error) => view! { <Failure error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn NoFactor() -> impl IntoView {
    view! {
        <Banner tone=Tone::Queue>
            <p>{words::NO_FACTOR}</p>
            <p class="mt-1"><a class="link font-medium" href="/account">{words::SET_ONE_UP}</a></p>
        </Banner>
    }
    .into_any()
}

#[component]
fn Ways(
    how: SecurityView,
    demo: Option<String>,
    act: StoredValue<(String, String)>,
    passkey: NodeRef<html::Input>,
    refused: Complaints,
) -> impl IntoView {
    let known = passkeys_known();
    let has_passkey = !how.passkeys.is_empty();
    let code = refused.at("code").get_untracked().is_some();
    let wrong = Signal::derive(move || refused.at("code").get().or_else(|| refused.at("proof").get()));
    let question = async move || {
        let (action, payload_hash) = act.get_value();
        passkey_question_for(action, payload_hash).await
    };
    // The answer goes with the form, which is checked by the server alone: the code stays empty.
    let answered = async move |answer: String| {
        if let Some(input) = passkey.get_untracked() {
            input.set_value(&answer);
            if let Some(form) = input.form() {
                let _ = form.request_submit();
            }
            input.set_value("");
        }
        Ok(())
    };
    view! {
        {move || {
            (has_passkey && known.get())
                .then(|| {
                    view! {
                        <PasskeyButton label=words::USE_PASSKEY class="btn-block btn-plain" question answered/>
                        <p class="text-center text-sm text-muted" aria-hidden="true">{words::OR}</p>
                    }
                })
        }}
        <Field
            label=words::CODE
            name="sign[code]"
            id="sign-code"
            hint=words::CODE_HINT
            autocomplete="one-time-code"
            inputmode="numeric"
            class="figures text-lg tracking-widest"
            autofocus=code
            error=wrong
        />
        {demo.map(|code| view! { <DemoCodeIs code/> })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, passkey: &str) -> Option<Proof> {
        let sign = Sign {
            code: code.into(),
            passkey: passkey.into(),
            ..Sign::default()
        };
        sign.proof().ok()
    }

    #[test]
    fn a_form_without_code_and_passkey_is_asked_for_one_and_a_passkey_goes_before_a_code() {
        assert_eq!(check("", " "), None);
        assert_eq!(check(" 123456 ", ""), Some(Proof::Code("123456".into())));
        assert_eq!(check("", "{}"), Some(Proof::Passkey("{}".into())));
        assert_eq!(check("12", "{}"), Some(Proof::Passkey("{}".into())));
    }

    #[test]
    fn neither_code_nor_answer_can_be_printed() {
        let sign = Sign {
            action: "withdrawal:approve".into(),
            code: "314159".into(),
            passkey: "secret".into(),
            ..Sign::default()
        };
        let printed = format!("{sign:?}");
        assert!(
            !printed.contains("314159") && !printed.contains("secret"),
            "{printed}"
        );
    }
}
