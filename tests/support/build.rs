//! Generates the server's side of KurrentDB's protocol from the same files as the client's side in `domain/log`.

use std::error::Error;

#[path = "../../domain/log/build/protos.rs"]
mod protos;

fn main() -> Result<(), Box<dyn Error>> {
    let set = protos::read(&["streams.proto", "gossip.proto", "serverfeatures.proto"])?;
    tonic_build::configure()
        .build_client(false)
        .build_transport(false)
        .bytes([".event_store.client"])
        .extern_path(".event_store.client.Empty", "()")
        .include_file("kurrent.rs")
        .compile_fds(set)?;
    Ok(())
}
