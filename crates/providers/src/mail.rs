//! Mail by SMTP.
//!
//! Never decides what a mail says, nor when it is tried again.

use crypto::Secret;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

/// A server that takes mail, and in whose name it is sent.
#[derive(Clone)]
pub struct MailServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address or the text can't be sent, now or later.
    #[error("refused for good: {0}")]
    Hopeless(String),
    #[error("not taken: {0}")]
    TryAgain(String),
}

#[derive(Debug, thiserror::Error)]
pub enum BadMailServer {
    #[error("is not of the form smtp://user:password@host:port (smtps:// for TLS from the start)")]
    Url,
    #[error("is not of the form Name <address@example.com>")]
    From,
}

impl MailServer {
    /// `url`: `smtps://` speaks TLS from the start; `smtp://` as it stands, or with `?tls=required` after STARTTLS.
    pub fn new(url: &Secret, from: &str) -> Result<Self, BadMailServer> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
            .map_err(|_| BadMailServer::Url)?
            .timeout(Some(std::time::Duration::from_secs(20)))
            .build();
        let from = from.parse().map_err(|_| BadMailServer::From)?;
        Ok(Self { transport, from })
    }

    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), MailError> {
        let hopeless = |error: &dyn std::fmt::Display| MailError::Hopeless(error.to_string());
        let message = Message::builder()
            .from(self.from.clone())
            .to(to
                .parse()
                .map_err(|error: lettre::address::AddressError| hopeless(&error))?)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(|error| hopeless(&error))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(hopeless(&error)),
            Err(error) => Err(MailError::TryAgain(error.to_string())),
        }
    }
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailServer(from {})", self.from)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::*;

    /// Takes one mail, or answers each recipient with `rcpt`; what was said to it.
    async fn stand_in(rcpt: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let talk = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a caller");
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            let mut said = String::new();
            writer.write_all(b"220 stand-in\r\n").await.expect("heard");
            let mut in_body = false;
            while let Ok(Some(line)) = lines.next_line().await {
                said.push_str(&line);
                said.push('\n');
                let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                    _ if in_body && line != "." => continue,
                    "." => {
                        in_body = false;
                        "250 taken"
                    }
                    "EHLO" => "250 stand-in",
                    "RCPT" => rcpt,
                    "DATA" => {
                        in_body = true;
                        "354 go on"
                    }
                    "QUIT" => break,
                    _ => "250 ok",
                };
                if writer
                    .write_all(format!("{answer}\r\n").as_bytes())
                    .await
                    .is_err()
                {
                    break;
                }
            }
            said
        });
        (port, talk)
    }

    async fn server(port: u16) -> MailServer {
        let url = Secret::from(format!("smtp://127.0.0.1:{port}"));
        MailServer::new(&url, "WabotIQ <desk@example.com>").expect("a server")
    }

    #[tokio::test]
    async fn a_mail_arrives_as_it_was_written() {
        let (port, talk) = stand_in("250 ok").await;
        let server = server(port).await;
        let text = "Karibu!\n\nhttps://desk.example.com/invitation?token=abc\n";
        server
            .send("asha@example.com", "You are invited", text)
            .await
            .expect("sent");
        drop(server);
        let said = talk.await.expect("a talk");
        assert!(said.contains("RCPT TO:<asha@example.com>"), "{said}");
        assert!(
            said.contains("Subject: You are invited") && said.contains("From: WabotIQ"),
            "{said}"
        );
        assert!(
            said.contains("https://desk.example.com/invitation?token"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn what_will_never_be_taken_is_told_apart_from_what_may() {
        let (port, _talk) = stand_in("550 no such person").await;
        let refused = server(port)
            .await
            .send("asha@example.com", "Hello", "Hello")
            .await;
        assert!(matches!(refused, Err(MailError::Hopeless(_))), "{refused:?}");
        let (port, _talk) = stand_in("451 later").await;
        let later = server(port)
            .await
            .send("asha@example.com", "Hello", "Hello")
            .await;
        assert!(matches!(later, Err(MailError::TryAgain(_))), "{later:?}");
        let nobody = server(9).await.send("asha@example.com", "Hello", "Hello").await;
        assert!(matches!(nobody, Err(MailError::TryAgain(_))), "{nobody:?}");
        let bad = server(9).await.send("no address", "Hello", "Hello").await;
        assert!(matches!(bad, Err(MailError::Hopeless(_))), "{bad:?}");
    }

    #[test]
    fn settings_that_can_not_be_used_are_refused() {
        let from = "WabotIQ <desk@example.com>";
        assert!(matches!(
            MailServer::new(&Secret::from("http://x"), from),
            Err(BadMailServer::Url)
        ));
        assert!(matches!(
            MailServer::new(&Secret::from("smtp://localhost"), "nobody"),
            Err(BadMailServer::From)
        ));
    }
}
