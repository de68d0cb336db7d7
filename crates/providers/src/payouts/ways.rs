//! Which provider pays out by which method, as this installation is configured.
//!
//! Never hands a payout from one provider to another: one that was begun is found again by the name stored beside it.

use std::{fmt, sync::Arc};

use domain::payouts::PayoutMethod;

use super::{ByHand, PayoutProvider};

/// Cheap to clone.
#[derive(Clone)]
pub struct Ways {
    by_hand: Arc<dyn PayoutProvider>,
    mpesa: Option<Arc<dyn PayoutProvider>>,
    webhook: Option<Arc<dyn PayoutProvider>>,
}

impl Ways {
    /// What every installation has: a person at the bank, or with a phone.
    pub fn by_hand() -> Self {
        Self {
            by_hand: Arc::new(ByHand),
            mpesa: None,
            webhook: None,
        }
    }

    /// M-Pesa is paid by a machine.
    pub fn with_mpesa(mut self, provider: Arc<dyn PayoutProvider>) -> Self {
        self.mpesa = Some(provider);
        self
    }

    /// There is a payment service behind a webhook.
    pub fn with_webhook(mut self, provider: Arc<dyn PayoutProvider>) -> Self {
        self.webhook = Some(provider);
        self
    }

    /// What can be chosen here, in the order in which it is shown.
    pub fn offered(&self) -> Vec<PayoutMethod> {
        PayoutMethod::ALL
            .iter()
            .copied()
            .filter(|method| self.of(*method).is_some())
            .collect()
    }

    /// Who pays by this method; `None`: nobody does here.
    pub fn of(&self, method: PayoutMethod) -> Option<Arc<dyn PayoutProvider>> {
        match method {
            PayoutMethod::Bank => Some(Arc::clone(&self.by_hand)),
            PayoutMethod::Mpesa => Some(Arc::clone(self.mpesa.as_ref().unwrap_or(&self.by_hand))),
            PayoutMethod::Webhook => self.webhook.clone(),
        }
    }

    /// Who began a payout. `None`: its settings are gone since, and nothing can be said about it.
    pub fn by_name(&self, name: &str) -> Option<Arc<dyn PayoutProvider>> {
        [Some(&self.by_hand), self.mpesa.as_ref(), self.webhook.as_ref()]
            .into_iter()
            .flatten()
            .find(|provider| provider.name() == name)
            .cloned()
    }
}

impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = PayoutMethod::ALL
            .iter()
            .map(|method| (method, self.of(*method).map(|provider| provider.name())));
        f.debug_map().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::{Order, Told};

    struct Named(&'static str);

    #[async_trait::async_trait]
    impl PayoutProvider for Named {
        fn name(&self) -> &'static str {
            self.0
        }

        async fn pay(&self, _: &Order) -> Told {
            Told::Taken { reference: None }
        }

        async fn look_up(&self, _: &Order, _: Option<&str>) -> Told {
            Told::Taken { reference: None }
        }
    }

    fn name(ways: &Ways, method: PayoutMethod) -> Option<&'static str> {
        ways.of(method).map(|provider| provider.name())
    }

    #[test]
    fn without_settings_people_pay_and_no_service_is_offered() {
        let ways = Ways::by_hand();
        assert_eq!(ways.offered(), [PayoutMethod::Bank, PayoutMethod::Mpesa]);
        assert_eq!(name(&ways, PayoutMethod::Bank), Some("manual"));
        assert_eq!(name(&ways, PayoutMethod::Mpesa), Some("manual"));
        assert_eq!(name(&ways, PayoutMethod::Webhook), None);
        assert!(ways.by_name("mpesa").is_none());
    }

    #[test]
    fn what_is_configured_pays_and_is_found_again_by_its_name() {
        let ways = Ways::by_hand()
            .with_mpesa(Arc::new(Named("mpesa")))
            .with_webhook(Arc::new(Named("webhook")));
        assert_eq!(ways.offered(), PayoutMethod::ALL);
        assert_eq!(name(&ways, PayoutMethod::Bank), Some("manual"));
        for (method, expected) in [(PayoutMethod::Mpesa, "mpesa"), (PayoutMethod::Webhook, "webhook")] {
            assert_eq!(name(&ways, method), Some(expected));
            assert_eq!(
                ways.by_name(expected).map(|provider| provider.name()),
                Some(expected)
            );
        }
        // One that a person began stays with the person.
        assert_eq!(
            ways.by_name("manual").map(|provider| provider.name()),
            Some("manual")
        );
    }
}
