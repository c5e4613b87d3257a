//! Reads a connection string once, so that what is wrong with it stops the start and is named.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eventstore::{ClientSettings, Credentials, NodePreference};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use super::KurrentConfig;

/// What a connection string may set, in lower case.
const SETTINGS: [&str; 13] = [
    "maxdiscoverattempts",
    "discoveryinterval",
    "gossiptimeout",
    "tls",
    "tlsverifycert",
    "nodepreference",
    "keepaliveinterval",
    "keepalivetimeout",
    "defaultdeadline",
    "connectionname",
    "usercertfile",
    "userkeyfile",
    "tlscafile",
];
/// How many bytes of one stream may be on their way to a reader who does not take them yet.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
/// The same for one connection: so much more that readers who stop taking never keep the others from theirs.
const CONNECTION_WINDOW_BYTES: u32 = 1 << 30;

/// Why a connection string cannot be used. Passwords are never repeated.
#[derive(Debug, thiserror::Error)]
pub enum InvalidConnection {
    /// It is no connection string.
    #[error("the connection string to KurrentDB is wrong: {reason}")]
    Text {
        /// What is wrong.
        reason: String,
    },
    /// A setting that is not known, or has a value that is not.
    #[error("the connection string to KurrentDB sets {name} wrongly: {reason}")]
    Setting {
        /// Which setting.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A host that cannot be one.
    #[error("the connection string to KurrentDB names the host {host:?}, which cannot be reached like that")]
    Host {
        /// The host and port.
        host: String,
        /// What is wrong with it.
        source: tonic::transport::Error,
    },
    /// A file that cannot be read.
    #[error("{file}, which {setting} of the connection string to KurrentDB names, cannot be read")]
    File {
        /// Which setting.
        setting: &'static str,
        /// Which file.
        file: String,
        /// Why not.
        source: std::io::Error,
    },
}

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: u32,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.port)
    }
}

/// What a connection string says.
pub(super) struct Connection {
    /// For the official client, who appends.
    pub(super) settings: ClientSettings,
    /// Who we are; the official client leaves `%40` and the like in them, so they are handed to it with each call.
    pub(super) credentials: Option<Credentials>,
    /// The same for our own reader.
    pub(super) authorization: Option<MetadataValue<Ascii>>,
    /// Whom to ask for the leader; one host alone is the leader itself.
    pub(super) seeds: Vec<Host>,
    /// Whether the leader must be asked for.
    pub(super) is_cluster: bool,
    /// How long anything may take to begin.
    pub(super) patience: Duration,
    keep_alive: Duration,
    tls: Option<ClientTlsConfig>,
}

impl Connection {
    pub(super) fn read(config: &KurrentConfig) -> Result<Self, InvalidConnection> {
        let (bare, user) = without_user(&config.connection)?;
        let bare_settings = parse(&bare)?;
        check_settings(&bare, &bare_settings)?;
        let is_cluster = bare_settings.hosts().len() > 1 || bare_settings.is_dns_discovery_enabled();
        let seeds = bare_settings.hosts().iter().map(|host| Host {
            name: host.host.clone(),
            port: host.port,
        });
        let connection = Self {
            credentials: user
                .as_ref()
                .map(|(name, password)| Credentials::new(name.clone(), password.clone())),
            authorization: user.as_ref().map(basic).transpose()?,
            seeds: seeds.collect(),
            is_cluster,
            patience: config.patience,
            keep_alive: config.keep_alive,
            tls: tls(&bare_settings)?,
            // With the user, whom the official client sends along when it asks for the leader.
            settings: config.connection.parse().unwrap_or(bare_settings),
        };
        for host in &connection.seeds {
            connection.endpoint(host)?;
        }
        Ok(connection)
    }

    /// Says how to connect to a node for reading.
    pub(super) fn endpoint(&self, host: &Host) -> Result<Endpoint, InvalidConnection> {
        let wrong = |source| InvalidConnection::Host {
            host: host.to_string(),
            source,
        };
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{host}"))
            .map_err(wrong)?
            .connect_timeout(self.patience)
            .tcp_nodelay(true)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .http2_keep_alive_interval(self.keep_alive)
            .keep_alive_timeout(self.keep_alive)
            .keep_alive_while_idle(true);
        match &self.tls {
            Some(tls) => endpoint.tls_config(tls.clone()).map_err(wrong),
            None => Ok(endpoint),
        }
    }
}

fn parse(bare: &str) -> Result<ClientSettings, InvalidConnection> {
    bare.parse::<ClientSettings>().map_err(|wrong| {
        let reason = match wrong.error() {
            Some(error) => format!("{:?}: {error}", wrong.message()),
            None => wrong.message().to_owned(),
        };
        wrong_pair(bare, &reason).unwrap_or(InvalidConnection::Text { reason })
    })
}

/// Finds the setting that alone is enough to make a string wrong, for the parser does not always name it.
fn wrong_pair(bare: &str, reason: &str) -> Option<InvalidConnection> {
    let is_wrong = |pair: &&str| {
        // These two are right together only.
        let is_half = ["usercertfile", "userkeyfile"].contains(&name_of(pair).to_lowercase().as_str());
        !is_half
            && format!("esdb://localhost?{pair}")
                .parse::<ClientSettings>()
                .is_err()
    };
    let pair = pairs_of(bare).find(is_wrong)?;
    Some(wrong_setting(name_of(pair), reason))
}

fn pairs_of(bare: &str) -> impl Iterator<Item = &str> {
    let pairs = bare.split_once('?').map_or("", |(_, pairs)| pairs);
    pairs.split('&').filter(|pair| !pair.is_empty())
}

fn name_of(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

/// Takes user and password out of a connection string, decoded.
fn without_user(text: &str) -> Result<(String, Option<(String, String)>), InvalidConnection> {
    let Some((scheme, rest)) = text.split_once("://") else {
        let reason = "it does not begin with kurrentdb:// or esdb://".to_owned();
        return Err(InvalidConnection::Text { reason });
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@') else {
        return Ok((text.to_owned(), None));
    };
    let (name, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
    let user = (decoded("the user", name)?, decoded("the password", password)?);
    Ok((format!("{scheme}://{}", &rest[at + 1..]), Some(user)))
}

fn decoded(what: &str, text: &str) -> Result<String, InvalidConnection> {
    let wrong = || InvalidConnection::Text {
        reason: format!("{what} has a % that is not followed by two hexadecimal digits of UTF-8"),
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (high, low) = digit().zip(digit()).ok_or_else(wrong)?;
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn basic((name, password): &(String, String)) -> Result<MetadataValue<Ascii>, InvalidConnection> {
    let value = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
    let mut value = MetadataValue::try_from(value).map_err(|_| InvalidConnection::Text {
        reason: "user and password do not fit into a header".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn check_settings(bare: &str, settings: &ClientSettings) -> Result<(), InvalidConnection> {
    for name in pairs_of(bare).map(name_of) {
        if !SETTINGS.contains(&name.to_lowercase().as_str()) {
            return Err(wrong_setting(name, "there is no such setting"));
        }
    }
    if settings.node_preference() != NodePreference::Leader {
        let reason = "only the leader can be read right after it was written to";
        return Err(wrong_setting("nodePreference", reason));
    }
    if settings.is_secure_mode_enabled() && !settings.is_tls_certificate_verification_enabled() {
        let reason = "certificates are always verified; name the authority in tlsCaFile, or set tls=false";
        return Err(wrong_setting("tlsVerifyCert", reason));
    }
    Ok(())
}

fn wrong_setting(name: &str, reason: &str) -> InvalidConnection {
    InvalidConnection::Setting {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}

fn tls(settings: &ClientSettings) -> Result<Option<ClientTlsConfig>, InvalidConnection> {
    if !settings.is_secure_mode_enabled() {
        return Ok(None);
    }
    let read = |setting, file: &String| {
        std::fs::read(file).map_err(|source| InvalidConnection::File {
            setting,
            file: file.clone(),
            source,
        })
    };
    let mut tls = match settings.tls_ca_file() {
        Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read("tlsCaFile", file)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    if let Some((certificate, key)) = settings.user_certificate() {
        let certificate = read("userCertFile", certificate)?;
        tls = tls.identity(Identity::from_pem(certificate, read("userKeyFile", key)?));
    }
    Ok(Some(tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Connection, String> {
        let config = KurrentConfig {
            connection: text.to_owned(),
            patience: Duration::from_secs(1),
            keep_alive: Duration::from_secs(1),
        };
        Connection::read(&config).map_err(|wrong| wrong.to_string())
    }

    fn refused(text: &str) -> String {
        read(text).map(|_| ()).expect_err(text)
    }

    #[test]
    fn one_host_is_the_leader_and_several_are_asked() {
        let one = read("esdb://127.0.0.1?tls=false").expect("a right string");
        assert_eq!(
            one.seeds,
            [Host {
                name: "127.0.0.1".to_owned(),
                port: 2113
            }]
        );
        assert!(!one.is_cluster);
        let three = read("kurrentdb://a:1,b:2,c:3?tls=false").expect("a right string");
        assert!(three.is_cluster);
        assert_eq!(
            three.seeds.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["a:1", "b:2", "c:3"]
        );
        assert!(read("kurrentdb+discover://db.example:2113?tls=false").is_ok_and(|read| read.is_cluster));
    }

    #[test]
    fn user_and_password_are_decoded() {
        let read =
            read("kurrentdb://ops%40acme:p%3Aw%25%C3%BC@localhost:2113?tls=false").expect("a right string");
        let header = read.authorization.expect("a user is named");
        let expected = format!("Basic {}", STANDARD.encode("ops@acme:p:w%ü"));
        assert_eq!(header.to_str().ok(), Some(expected.as_str()));
        assert_eq!(read.credentials, Some(Credentials::new("ops@acme", "p:w%ü")));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("", "kurrentdb://"),
            ("localhost:2113", "kurrentdb://"),
            ("http://localhost:2113", "http"),
            ("kurrentdb://", "host"),
            ("kurrentdb://localhost:99999", "99999"),
            ("kurrentdb://localhost/shop?tls=false", "/shop"),
            ("kurrentdb://localhost?tls=perhaps", "perhaps"),
            ("kurrentdb://localhost?tls=perhaps", "tls"),
            ("kurrentdb://localhost?tsl=false", "tsl"),
            ("kurrentdb://localhost?tls", "tls"),
            ("kurrentdb://localhost?nodePreference=fastest", "nodePreference"),
            (
                "kurrentdb://localhost?keepAliveInterval=soon",
                "keepAliveInterval",
            ),
            ("kurrentdb://localhost?keepAliveTimeout=-7", "keepAliveTimeout"),
            ("kurrentdb://localhost?defaultDeadline=1.5", "defaultDeadline"),
            (
                "kurrentdb://localhost?maxDiscoverAttempts=many",
                "maxDiscoverAttempts",
            ),
            ("kurrentdb://localhost?discoveryInterval=", "discoveryInterval"),
            ("kurrentdb://localhost?gossipTimeout=1s", "gossipTimeout"),
            ("kurrentdb://localhost?userCertFile=/a.pem", "userKeyFile"),
            ("kurrentdb://localhost?userKeyFile=/a.pem", "userCertFile"),
            (
                "kurrentdb://localhost?tls=false&nodePreference=follower",
                "nodePreference",
            ),
            ("kurrentdb://localhost?tlsVerifyCert=false", "tlsVerifyCert"),
            (
                "kurrentdb://localhost?tlsCaFile=/nowhere/ca.pem",
                "/nowhere/ca.pem",
            ),
            ("kurrentdb://a:b:c,d?tls=false", "a"),
            ("kurrentdb://u%zz:p@localhost?tls=false", "user"),
            ("kurrentdb://u:p%f@localhost?tls=false", "password"),
        ] {
            let said = refused(text);
            assert!(said.contains(named), "{text}: {said}");
        }
    }

    #[test]
    fn a_password_is_never_repeated() {
        for text in [
            "kurrentdb://admin:changeit@",
            "kurrentdb://admin:changeit@localhost:99999",
            "kurrentdb://admin:changeit@local host",
            "http://admin:changeit@localhost",
            "kurrentdb://admin:changeit%f@localhost",
            "kurrentdb://admin:changeit@localhost?tsl=false",
        ] {
            let said = refused(text);
            assert!(!said.contains("changeit"), "{text}: {said}");
        }
    }

    #[test]
    fn a_ca_file_that_is_none_is_refused_before_anybody_is_called() {
        let file = std::env::temp_dir().join("ledgerline-no-certificate.pem");
        std::fs::write(
            &file,
            "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
        )
        .expect("a temporary file");
        let said = refused(&format!("kurrentdb://localhost?tlsCaFile={}", file.display()));
        assert!(said.contains("localhost"), "{said}");
    }
}
