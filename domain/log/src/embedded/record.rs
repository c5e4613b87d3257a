//! One record: an event as it lies in a segment. `docs/log-format.md` shows it byte by byte.

use std::sync::Arc;

use bytes::Bytes;
use domain_model::Timestamp;
use domain_model::ids::{EventId, TenantId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Filter, Kind, NewEvent, Position, Recorded, Revision, StreamName};

/// The bytes before the names, the metadata and the payload.
pub(super) const HEADER: usize = 112;
/// Records begin at multiples of this.
pub(super) const ALIGN: usize = 8;
/// The longest record.
pub(super) const RECORD_MAX: usize = HEADER + 255 + 128 + 32 + crate::event_log::EVENT_BYTES_MAX + ALIGN;

/// A SHA-256 hash: of a record, or of what stands before the first.
pub(super) type Hash = [u8; 32];

/// Where a record stands, beside what it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its place in the global order.
    pub(super) position: u64,
    /// Its place in its stream.
    pub(super) revision: u64,
    /// How many records were written before it in the same group: all that stand before those had been synced.
    pub(super) group_index: u32,
    /// How many records of the same append follow it.
    pub(super) append_left: u32,
    /// The hash of the record before it.
    pub(super) previous: Hash,
}

/// The key of a stream in the index: the first 12 bytes of its name's SHA-256, of which it is sorted by the first 8.
///
/// Two of a million million streams have the same with a chance of one in a hundred thousand, so an append does not
/// compare names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StreamKey {
    pub(super) sorted: u64,
    pub(super) check: u32,
}

impl StreamKey {
    pub(super) fn of(name: &str) -> Self {
        let digest: Hash = Sha256::digest(name).into();
        Self {
            sorted: read_u64(&digest, 0),
            check: read_u32(&digest, 8),
        }
    }
}

impl std::hash::Hash for StreamKey {
    // A part of a hash is one.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.sorted);
    }
}

/// Returns the key of an event's id in the index.
pub(super) fn id_hash(id: EventId) -> u64 {
    let digest: Hash = Sha256::digest(id.uuid().as_bytes()).into();
    read_u64(&digest, 0)
}

/// Appends an event's record to `out`, all but its place.
pub(super) fn encode(out: &mut Vec<u8>, stream: &StreamName, key: StreamKey, event: &NewEvent) {
    let start = out.len();
    let names = stream.as_str().len() + event.kind.as_str().len() + event.tenant.as_str().len();
    let length = (HEADER + names + event.meta.len() + event.data.len()).next_multiple_of(ALIGN);
    out.reserve(length);
    let u32_of = |n: usize| u32::try_from(n).expect("an append's sizes were checked");
    out.extend_from_slice(&u32_of(length).to_le_bytes());
    out.extend_from_slice(&[0; 20]);
    out.extend_from_slice(&event.time.micros().to_le_bytes());
    out.extend_from_slice(event.id.uuid().as_bytes());
    out.extend_from_slice(&[0; 32]);
    out.extend_from_slice(&key.sorted.to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&u32_of(event.meta.len()).to_le_bytes());
    out.extend_from_slice(&u32_of(event.data.len()).to_le_bytes());
    let [low, high] = u16::try_from(stream.as_str().len())
        .expect("a stream's name has at most 255 bytes")
        .to_le_bytes();
    let kind = u8::try_from(event.kind.as_str().len()).expect("a kind has at most 128 bytes");
    let tenant = u8::try_from(event.tenant.as_str().len()).expect("a tenant has at most 32 bytes");
    out.extend_from_slice(&[low, high, kind, tenant, 0, 0, 0, 0]);
    out.extend_from_slice(stream.as_str().as_bytes());
    out.extend_from_slice(event.kind.as_str().as_bytes());
    out.extend_from_slice(event.tenant.as_str().as_bytes());
    out.extend_from_slice(&event.meta);
    out.extend_from_slice(&event.data);
    out.resize(start + length, 0);
}

/// Gives the record at the beginning of `bytes` its place; returns its length and its hash.
pub(super) fn settle(bytes: &mut [u8], epoch: u64, place: Place) -> (usize, Hash) {
    let length = read_u32(bytes, 0) as usize;
    let record = &mut bytes[..length];
    record[8..16].copy_from_slice(&place.position.to_le_bytes());
    record[16..24].copy_from_slice(&place.revision.to_le_bytes());
    record[48..80].copy_from_slice(&place.previous);
    record[88..92].copy_from_slice(&place.group_index.to_le_bytes());
    record[92..96].copy_from_slice(&place.append_left.to_le_bytes());
    let crc = crc_of(record, epoch);
    record[4..8].copy_from_slice(&crc.to_le_bytes());
    (length, hash_of(record))
}

/// Returns a record's hash: SHA-256 over all of it but its length and CRC, the previous record's hash included.
pub(super) fn hash_of(record: &[u8]) -> Hash {
    Sha256::digest(&record[8..]).into()
}

fn crc_of(record: &[u8], epoch: u64) -> u32 {
    let crc = crc32c::crc32c(&record[..4]);
    let crc = crc32c::crc32c_append(crc, &epoch.to_le_bytes());
    crc32c::crc32c_append(crc, &record[8..])
}

/// A record in a buffer, known to be whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    bytes: &'a [u8],
}

/// What stands at a place in a segment.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// A whole record.
    Whole(View<'a>),
    /// The beginning of what may be a record of this many bytes, more than the buffer has.
    Cut(usize),
    /// No record, and why.
    Nothing(&'static str),
}

/// Looks whether a whole record begins at the start of `buffer`.
pub(super) fn look(buffer: &[u8], epoch: u64) -> Found<'_> {
    if buffer.len() < HEADER {
        return Found::Cut(HEADER);
    }
    let length = read_u32(buffer, 0) as usize;
    if !(HEADER..=RECORD_MAX).contains(&length) || !length.is_multiple_of(ALIGN) {
        return Found::Nothing("no record has this length");
    }
    if buffer.len() < length {
        return Found::Cut(length);
    }
    let view = View {
        bytes: &buffer[..length],
    };
    if view.content_end() > length {
        return Found::Nothing("its parts are longer than the record");
    }
    if read_u32(buffer, 4) != crc_of(view.bytes, epoch) {
        return Found::Nothing("its checksum is wrong");
    }
    Found::Whole(view)
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

fn read_u64(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
}

/// Returns the position that a header claims, before anything was checked.
pub(super) fn claimed_position(header: &[u8]) -> u64 {
    read_u64(header, 8)
}

impl<'a> View<'a> {
    /// Looks again at a record that [`look`] found whole.
    pub(super) fn of_whole(buffer: &'a [u8]) -> Self {
        Self {
            bytes: &buffer[..read_u32(buffer, 0) as usize],
        }
    }

    pub(super) fn length(self) -> usize {
        self.bytes.len()
    }

    pub(super) fn position(self) -> u64 {
        read_u64(self.bytes, 8)
    }

    pub(super) fn revision(self) -> u64 {
        read_u64(self.bytes, 16)
    }

    pub(super) fn id(self) -> EventId {
        EventId::new(Uuid::from_bytes(self.bytes[32..48].try_into().expect("16 bytes")))
    }

    pub(super) fn previous(self) -> Hash {
        self.bytes[48..80].try_into().expect("32 bytes")
    }

    pub(super) fn hash(self) -> Hash {
        hash_of(self.bytes)
    }

    pub(super) fn group_index(self) -> u32 {
        read_u32(self.bytes, 88)
    }

    pub(super) fn append_left(self) -> u32 {
        read_u32(self.bytes, 92)
    }

    fn stream_end(self) -> usize {
        HEADER + usize::from(u16::from_le_bytes([self.bytes[104], self.bytes[105]]))
    }

    fn kind_end(self) -> usize {
        self.stream_end() + usize::from(self.bytes[106])
    }

    fn tenant_end(self) -> usize {
        self.kind_end() + usize::from(self.bytes[107])
    }

    fn meta_end(self) -> usize {
        self.tenant_end() + read_u32(self.bytes, 96) as usize
    }

    fn content_end(self) -> usize {
        self.meta_end() + read_u32(self.bytes, 100) as usize
    }

    pub(super) fn stream(self) -> &'a str {
        text(&self.bytes[HEADER..self.stream_end()])
    }

    pub(super) fn kind(self) -> &'a str {
        text(&self.bytes[self.stream_end()..self.kind_end()])
    }

    pub(super) fn tenant(self) -> &'a str {
        text(&self.bytes[self.kind_end()..self.tenant_end()])
    }

    /// Says whether the event passes, from its header alone.
    pub(super) fn passes(self, filter: &Filter) -> bool {
        let category = self
            .stream()
            .split_once('-')
            .map_or(self.stream(), |(category, _)| category);
        (filter.categories.is_empty() || filter.categories.contains(category))
            && (filter.kinds.is_empty() || filter.kinds.contains(self.kind()))
            && filter
                .tenant
                .as_ref()
                .is_none_or(|wanted| wanted.as_str() == self.tenant())
    }

    /// Makes the event of it; `bytes` are the buffer that this view looks at, `start` where it begins there.
    pub(super) fn recorded(self, bytes: &Bytes, start: usize, names: &mut Names) -> Recorded {
        Recorded {
            position: Position::at(self.position()),
            stream: StreamName::trusted(self.stream()),
            revision: Revision(self.revision()),
            id: self.id(),
            kind: names.kind(self.kind()),
            tenant: names.tenant(self.tenant()),
            time: Timestamp::from_micros(read_u64(self.bytes, 24).cast_signed()),
            meta: bytes.slice(start + self.tenant_end()..start + self.meta_end()),
            data: bytes.slice(start + self.meta_end()..start + self.content_end()),
        }
    }
}

// The checksum held, so these are the bytes that were written, and only text was.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("")
}

/// Kinds and tenants met while reading, so that each is kept once and not once per event.
#[derive(Debug, Default)]
pub(super) struct Names {
    kinds: Vec<Kind>,
    tenants: Vec<TenantId>,
}

impl Names {
    // More kinds than these in one reading are looked up no faster than they are made.
    const KEPT_MAX: usize = 64;

    fn kind(&mut self, text: &str) -> Kind {
        if let Some(known) = self.kinds.iter().find(|kind| kind.as_str() == text) {
            return known.clone();
        }
        let kind = Kind::trusted(text);
        if self.kinds.len() < Self::KEPT_MAX {
            self.kinds.push(kind.clone());
        }
        kind
    }

    fn tenant(&mut self, text: &str) -> TenantId {
        if let Some(known) = self.tenants.iter().find(|tenant| tenant.as_str() == text) {
            return known.clone();
        }
        let tenant = TenantId::new(text).expect("the checksum held, and only a tenant was written");
        if self.tenants.len() < Self::KEPT_MAX {
            self.tenants.push(tenant.clone());
        }
        tenant
    }
}

impl StreamName {
    // From a record whose checksum held: the name was checked before it was written.
    fn trusted(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl Kind {
    fn trusted(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn event(n: u128, data: &'static [u8]) -> NewEvent {
        NewEvent {
            id: EventId::new(Uuid::from_u128(n)),
            kind: Kind::new("CallOffered").unwrap(),
            tenant: TenantId::new("acme").unwrap(),
            time: Timestamp::from_micros(-5),
            meta: Bytes::from_static(b"{}"),
            data: Bytes::from_static(data),
        }
    }

    fn encoded() -> (Vec<u8>, Hash) {
        let stream = StreamName::new("call-acme_1").unwrap();
        let place = Place {
            position: 7,
            revision: 3,
            group_index: 2,
            append_left: 1,
            previous: [9; 32],
        };
        let mut out = Vec::new();
        encode(
            &mut out,
            &stream,
            StreamKey::of(stream.as_str()),
            &event(5, b"{\"a\":1}"),
        );
        let (length, hash) = settle(&mut out, 42, place);
        assert_eq!(length, out.len());
        (out, hash)
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let (bytes, hash) = encoded();
        let Found::Whole(view) = look(&bytes, 42) else {
            panic!("it is whole")
        };
        assert_eq!(
            (
                view.position(),
                view.revision(),
                view.group_index(),
                view.append_left()
            ),
            (7, 3, 2, 1)
        );
        assert_eq!((view.previous(), view.hash()), ([9; 32], hash));
        let read = view.recorded(&Bytes::from(bytes.clone()), 0, &mut Names::default());
        let wrote = event(5, b"{\"a\":1}");
        assert_eq!(read.stream.as_str(), "call-acme_1");
        assert_eq!(
            (read.id, read.kind, read.tenant, read.time),
            (wrote.id, wrote.kind, wrote.tenant, wrote.time)
        );
        assert_eq!((read.meta, read.data), (wrote.meta, wrote.data));
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let (bytes, _) = encoded();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(look(&flipped, 42), Found::Whole(_)), "bit {bit}");
        }
    }

    #[test]
    fn a_record_of_another_epoch_is_none() {
        let (bytes, _) = encoded();
        assert!(matches!(
            look(&bytes, 43),
            Found::Nothing("its checksum is wrong")
        ));
    }

    #[test]
    fn a_cut_record_says_how_much_it_needs() {
        let (bytes, _) = encoded();
        assert!(matches!(look(&bytes[..50], 42), Found::Cut(HEADER)));
        assert!(matches!(look(&bytes[..HEADER], 42), Found::Cut(length) if length == bytes.len()));
    }
}
