"""One suite for every place where blobs are kept; Azure Blob Storage is played by azurite (npm, pinned beside it)."""

import asyncio
import hashlib
import re
import shutil
import subprocess
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.blobs_azure import AzureBlobs
from shared.adapters.blobs_folder import FolderBlobs
from shared.blobs import (
    BYTES_MAX,
    BadBlobName,
    BlobDamaged,
    BlobRef,
    BlobTooLarge,
    ContentMismatch,
    MediaTypeRefused,
    examined,
    media_type_of,
)
from shared.ports import Blobs
from shared.records import Unavailable

AZURITE = Path(__file__).parents[1] / "peers" / "azurite"
INSTALL_SECONDS_MAX = 300
# The account that azurite documents for everybody.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
CONNECTION = "DefaultEndpointsProtocol=http;AccountName={0};AccountKey={1};BlobEndpoint=http://127.0.0.1:{2}/{0};"

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)
SAMPLES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "image/webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L",
    "image/gif": b"GIF89a\x01\x00\x01\x00",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "text/csv": "sku,título\r\n1,Rosas\r\n".encode(),
    "application/json": b'[{"sku": "1"}]',
}

Scenario = Callable[[Blobs], Awaitable[None]]


class FolderPlace:
    """A folder, and what a test may do to it behind the adapter's back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> Blobs:
        return FolderBlobs(self.folder)

    async def names(self) -> list[str]:
        return [path.name for path in self.folder.rglob("*") if path.is_file()]

    async def overwrite(self, name: str, data: bytes) -> None:
        next(self.folder.rglob(name)).write_bytes(data)


class AzurePlace:
    """A container that does not exist yet, in azurite."""

    def __init__(self, connection: str) -> None:
        self.connection = connection
        self.container = f"test-{uuid.uuid4().hex}"

    def open(self) -> Blobs:
        return AzureBlobs(self.connection, self.container)

    async def names(self) -> list[str]:
        from azure.storage.blob.aio import ContainerClient

        async with ContainerClient.from_connection_string(self.connection, self.container) as client:
            return [blob.name async for blob in client.list_blobs()]

    async def overwrite(self, name: str, data: bytes) -> None:
        from azure.storage.blob.aio import ContainerClient

        async with ContainerClient.from_connection_string(self.connection, self.container) as client:
            await client.upload_blob(name, data, overwrite=True)


@pytest.fixture(scope="module")
def azurite() -> Iterator[str]:
    """The connection string of an azurite that runs as long as these tests."""
    if shutil.which("npm") is None:
        pytest.skip("npm is missing: install Node.js 20 or newer to run the Azure suite")
    if not (AZURITE / "node_modules" / ".package-lock.json").exists():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=AZURITE, check=True, timeout=INSTALL_SECONDS_MAX)
    script = AZURITE / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    options = ["--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    with subprocess.Popen(["node", str(script), *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = (re.search(r"successfully listens on http://127\.0\.0\.1:(\d+)", line) for line in process.stdout)
            port = next(found[1] for found in said if found)
            yield CONNECTION.format(ACCOUNT, KEY, port)
        finally:
            process.terminate()


@pytest.fixture(params=["folder", "azure"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> FolderPlace | AzurePlace:
    if request.param == "folder":
        return FolderPlace(tmp_path / "blobs")
    return AzurePlace(request.getfixturevalue("azurite"))


def play(place: FolderPlace | AzurePlace, scenario: Scenario) -> None:
    """Run a scenario against an adapter of its own and close that."""

    async def run() -> None:
        blobs = place.open()
        try:
            await scenario(blobs)
        finally:
            await blobs.close()

    asyncio.run(run())


@pytest.mark.parametrize("media_type", SAMPLES)
def test_what_is_put_comes_back_under_its_hash(place: FolderPlace | AzurePlace, media_type: str) -> None:
    data = SAMPLES[media_type]

    async def write(blobs: Blobs) -> None:
        ref = await blobs.put(data, media_type)
        assert ref == BlobRef(name=hashlib.sha256(data).hexdigest(), size=len(data), media_type=media_type)

    async def read(blobs: Blobs) -> None:
        blob = await blobs.get(hashlib.sha256(data).hexdigest())
        assert blob is not None
        assert blob.data == data
        assert blob.ref.media_type == media_type

    play(place, write)
    play(place, read)


def test_the_same_bytes_are_kept_once_however_often_they_come(place: FolderPlace | AzurePlace) -> None:
    async def scenario(blobs: Blobs) -> None:
        others = [b'{"n": %d}' % n for n in range(5)]
        refs = await asyncio.gather(
            *(blobs.put(PNG, "image/png") for _ in range(10)),
            *(blobs.put(data, "application/json; charset=utf-8") for data in others),
        )
        assert len(set(refs)) == 6
        assert sorted(await place.names()) == sorted({ref.name for ref in refs})

    play(place, scenario)


def test_a_blob_that_is_not_there_is_none_and_may_be_deleted(place: FolderPlace | AzurePlace) -> None:
    async def scenario(blobs: Blobs) -> None:
        assert await blobs.get("0" * 64) is None
        await blobs.delete("0" * 64)
        ref = await blobs.put(PNG, "image/png")
        await blobs.delete(ref.name)
        await blobs.delete(ref.name)
        assert await blobs.get(ref.name) is None
        assert await place.names() == []

    play(place, scenario)


# One PUT per blob is what makes two writers of the same bytes harmless; aiohttp would rather see a stream.
@pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning")
def test_the_largest_file_that_is_taken_comes_back_whole(place: FolderPlace | AzurePlace) -> None:
    data = SAMPLES["application/pdf"].ljust(BYTES_MAX["application/pdf"], b"x")

    async def scenario(blobs: Blobs) -> None:
        ref = await blobs.put(data, "application/pdf")
        blob = await blobs.get(ref.name)
        assert blob is not None
        assert blob.data == data
        with pytest.raises(BlobTooLarge):
            await blobs.put(data + b"x", "application/pdf")
        assert await place.names() == [ref.name]

    play(place, scenario)


@pytest.mark.parametrize("other", [PNG[:-1] + b"\x01", b"", b"\x00\x01"])
def test_bytes_that_changed_where_they_lie_are_not_handed_out(place: FolderPlace | AzurePlace, other: bytes) -> None:
    async def scenario(blobs: Blobs) -> None:
        ref = await blobs.put(PNG, "image/png")
        await place.overwrite(ref.name, other)
        with pytest.raises(BlobDamaged, match=ref.name):
            await blobs.get(ref.name)
        await blobs.put(PNG, "image/png")
        assert await blobs.get(ref.name) is not None

    play(place, scenario)


HOSTILE = [
    "",
    "..",
    "../" * 8 + "etc/passwd",
    "a" * 63,
    "A" * 64,
    "0" * 64 + "\n",
    "0" * 62 + "/.",
    "%2e" * 3,
    "\x00" * 64,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_no_hash_is_refused(place: FolderPlace | AzurePlace, name: str) -> None:
    async def scenario(blobs: Blobs) -> None:
        with pytest.raises(BadBlobName):
            await blobs.get(name)
        with pytest.raises(BadBlobName):
            await blobs.delete(name)

    play(place, scenario)


def test_nothing_is_kept_of_what_is_refused(place: FolderPlace | AzurePlace) -> None:
    async def scenario(blobs: Blobs) -> None:
        await blobs.put(PNG, "image/png")
        with pytest.raises(ContentMismatch):
            await blobs.put(SAMPLES["image/jpeg"], "image/png")
        with pytest.raises(MediaTypeRefused):
            await blobs.put(b"<svg/>", "image/svg+xml")
        assert await place.names() == [hashlib.sha256(PNG).hexdigest()]

    play(place, scenario)


def test_an_account_that_does_not_answer_is_unavailable() -> None:
    nobody = AzurePlace(CONNECTION.format(ACCOUNT, KEY, 1))  # port 1 of the loopback: nothing listens there

    async def scenario(blobs: Blobs) -> None:
        with pytest.raises(Unavailable, match="does not answer"):
            await blobs.get("0" * 64)

    play(nobody, scenario)


def test_the_managed_identity_is_opened_and_closed_without_a_call() -> None:
    async def run() -> None:
        await AzureBlobs("https://account.blob.core.windows.net", "blobs").close()

    asyncio.run(run())


@pytest.mark.parametrize("said", SAMPLES)
@pytest.mark.parametrize("real", SAMPLES)
def test_only_the_type_that_the_bytes_have_is_believed(said: str, real: str) -> None:
    if said == real:
        assert examined(SAMPLES[real], said).media_type == real
        return
    with pytest.raises(ContentMismatch, match=real):
        examined(SAMPLES[real], said)


@pytest.mark.parametrize(
    "data",
    [b"", b" \n", b"\xef\xbb\xbf", b"\x89PNG", b"\x7fELF\x02\x01", b"a,b\x00c", b"caf\xe9,1", b"PK\x03\x04", b"MZ\x90"],
)
def test_bytes_of_no_known_type_are_refused(data: bytes) -> None:
    for said in BYTES_MAX:
        with pytest.raises(ContentMismatch):
            examined(data, said)


@pytest.mark.parametrize("data", [b'{"a": NaN}', b"[1,", b"42", b"null", b"[" * 100_000, b"{}{}"])
def test_json_is_one_object_or_list_as_the_rfc_has_it(data: bytes) -> None:
    assert media_type_of(data) == "text/csv"


def test_a_byte_order_mark_does_not_hide_json() -> None:
    assert media_type_of(b"\xef\xbb\xbf" + SAMPLES["application/json"]) == "application/json"


@given(st.binary(max_size=64) | st.text(max_size=64).map(str.encode) | st.sampled_from(list(SAMPLES.values())))
def test_bytes_have_one_type_or_none(data: bytes) -> None:
    taken = []
    for said in BYTES_MAX:
        try:
            taken.append(examined(data, said).media_type)
        except ContentMismatch:
            continue
    assert taken == ([media_type_of(data)] if media_type_of(data) else [])
