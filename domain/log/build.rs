//! Generates what our reader needs of KurrentDB's protocol: reading, and finding the leader.

use std::error::Error;

use prost_types::FileDescriptorSet;

#[path = "build/protos.rs"]
mod protos;

fn main() -> Result<(), Box<dyn Error>> {
    let mut set = protos::read(&["streams.proto", "gossip.proto"])?;
    keep_reading(&mut set);
    tonic_build::configure()
        .build_server(false)
        .build_transport(false)
        .bytes([".event_store.client"])
        .extern_path(".event_store.client.Empty", "()")
        .include_file("kurrent.rs")
        .compile_fds(set)?;
    Ok(())
}

/// Leaves out all that is not asked here. Appending is the official client's part, and what is not generated cannot be
/// called by mistake.
fn keep_reading(set: &mut FileDescriptorSet) {
    set.file.retain(|file| file.package() != "google.rpc");
    for file in &mut set.file {
        if file.name() == "streams.proto" {
            file.dependency.retain(|name| name != "status.proto");
            file.message_type
                .retain(|message| message.name().starts_with("Read"));
        }
        for service in &mut file.service {
            service.method.retain(|method| method.name() == "Read");
        }
    }
}
