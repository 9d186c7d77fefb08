"""Uploaded polygons: three formats, Chinese text, and files that are damaged, hostile or misnamed."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from data import errors
from data.readers import polygons
from data.readers.archive import FileTooLarge, Limits, UnsafeArchive
from data.readers.polygons import NoGeometry, SeveralLayers, UnreadableGeometry, read_polygons

SQUARE = [[113.0, 34.0], [113.1, 34.0], [113.1, 34.1], [113.0, 34.0]]
NAME = "金水河“一河两岸”项目"


def feature(coordinates, kind="Polygon", **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def geojson(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}).encode()


def read_geojson(*features, **members):
    return read_polygons(geojson(*features, **members), "boundaries.geojson")


@pytest.fixture
def frame():
    return gpd.GeoDataFrame(
        {"code": ["K202201001", "K202201005"], "name": [NAME, "芝麻街1958双创园"]},
        geometry=[shapely.box(113.0, 34.0, 113.1, 34.1), shapely.box(113.2, 34.0, 113.3, 34.1)],
        crs=4326,
    )


@pytest.fixture
def chinese(frame):
    """Column names of eight bytes in GBK; the twelve in UTF-8 are more than dBASE holds."""
    return frame.rename(columns={"code": "项目编号", "name": "项目名称"})


def shapefile(frame, folder, stem="upload", encoding="UTF-8", drop=()):
    frame.to_file(folder / f"{stem}.shp", encoding=encoding)
    return {
        f"{stem}{suffix}": (folder / f"{stem}{suffix}").read_bytes()
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg")
        if suffix not in drop
    }


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def notes(frame):
    return " ".join(map(str, frame.attrs["notes"]))


def test_geojson_from_a_path_and_from_bytes_is_the_same(tmp_path):
    content = geojson(feature([SQUARE], code="K1"))
    path = tmp_path / "边界 (1)!.geojson"
    path.write_bytes(content)
    assert read_polygons(path).equals(read_polygons(content, "x.geojson"))
    frame = read_polygons(path)
    assert frame.crs.to_epsg() == 4326
    assert frame["code"].tolist() == ["K1"]
    assert frame.geometry[0].equals(shapely.Polygon(SQUARE))


@pytest.mark.parametrize("document", [{"type": "Polygon", "coordinates": [SQUARE]}, feature([SQUARE])])
def test_a_single_geometry_or_feature_is_read(document):
    assert len(read_polygons(json.dumps(document).encode(), "x.json")) == 1


def test_geojson_says_its_projected_crs():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    assert read_geojson(feature([SQUARE]), crs=crs).crs.to_epsg() == 4547


def test_crs84_is_wgs84():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert read_geojson(feature([SQUARE]), crs=crs).crs.to_authority() == ("OGC", "CRS84")


@pytest.mark.parametrize("crs", [{"type": "name", "properties": {"name": "GCJ02"}}])
def test_a_datum_gdal_does_not_know_is_not_taken_for_wgs84(crs):
    frame = read_geojson(feature([SQUARE]), crs=crs)
    assert frame.crs is None
    assert frame.attrs["declared_crs"] == "GCJ02"
    assert "«GCJ02»" in notes(frame)


@pytest.mark.parametrize("crs", [None, {}, {"type": "link"}, "what"])
def test_a_crs_member_without_a_name_leaves_the_crs_open(crs):
    assert read_geojson(feature([SQUARE]), crs=crs).crs is None


def test_a_utf8_mark_is_skipped_and_gbk_text_is_read_with_a_note():
    document = {"type": "FeatureCollection", "features": [feature([SQUARE], name=NAME)]}
    text = json.dumps(document, ensure_ascii=False)
    marked = read_polygons(text.encode("utf-8-sig"), "x.geojson")
    chinese = read_polygons(text.encode("gbk"), "x.geojson")
    assert marked["name"].tolist() == chinese["name"].tolist() == [NAME]
    assert notes(marked) == ""
    assert "gb18030, not in UTF-8" in notes(chinese)


def test_features_without_geometry_keep_their_row():
    frame = read_geojson(feature([SQUARE], code="K1"), {**feature([SQUARE], code="K2"), "geometry": None})
    assert frame["code"].tolist() == ["K1", "K2"]
    assert frame.geometry.isna().tolist() == [False, True]


def test_heights_and_numbers_that_are_none_reach_the_checks():
    tall = [[*point, 5.0] for point in SQUARE]
    broken = [[113.0, 34.0], [float("nan"), 34.0], [113.1, 34.1], [113.0, 34.0]]
    frame = read_geojson(feature([tall]), feature([broken]))
    assert frame.has_z.tolist()[0]
    assert np.isnan(shapely.get_coordinates(frame.geometry)).any()


@pytest.mark.parametrize(
    "coordinates",
    [
        [SQUARE[:3]],
        [SQUARE[:2]],
        SQUARE,
        [[["113", "34"], ["114", "34"], ["114", "35"], ["113", "34"]]],
        None,
    ],
    ids=["not closed", "two points", "nesting", "text", "none"],
)
def test_coordinates_that_make_no_shape_are_named_by_feature(coordinates):
    with pytest.raises(
        UnreadableGeometry, match=r"^x\.geojson: 1 features .* the first is number 2\. Repair"
    ):
        read_polygons(geojson(feature([SQUARE]), feature(coordinates)), "x.geojson")


def test_malformed_json_says_line_and_column():
    with pytest.raises(errors.UnreadableFile, match=r"^cut\.geojson: It is not valid JSON: line 1, column"):
        read_polygons(geojson(feature([SQUARE]))[:-20], "cut.geojson")


def test_json_nested_without_end_is_refused():
    with pytest.raises(errors.UnreadableFile, match="not valid JSON"):
        read_polygons(b'{"a":' * 200_000, "deep.geojson")


@pytest.mark.parametrize(
    "content",
    [b"[1, 2]", b"{}", b'{"type": "Topology"}', b'{"type": "gdal_streamed_alg", "command_line": "x"}'],
)
def test_other_json_is_not_handed_to_gdal(content):
    with pytest.raises(errors.UnsupportedFormat, match="not GeoJSON"):
        read_polygons(content, "x.geojson")


def test_text_in_an_unknown_encoding_is_refused():
    with pytest.raises(errors.UnreadableFile, match="not in UTF-8"):
        read_polygons(b'{"type": "\xff\xff"}', "x.geojson")


@pytest.mark.parametrize("name", ["x.geojson", "x.gpkg", "x.zip"])
@pytest.mark.parametrize("content", [b"", b" \n"])
def test_an_empty_file(name, content):
    with pytest.raises(errors.EmptyFile, match=f"^{name}: It is empty"):
        read_polygons(content, name)


def test_no_features_and_no_shapes():
    with pytest.raises(errors.EmptyFile, match="no features"):
        read_geojson()
    with pytest.raises(NoGeometry, match="rows but no shapes"):
        read_geojson({"type": "Feature", "properties": {"code": "K1"}, "geometry": None})


@pytest.mark.parametrize("name", ["x.shp", "x.kml", "x", "x.geojson.exe", "x.vrt"])
def test_other_endings_are_not_read(name):
    with pytest.raises(errors.UnsupportedFormat, match=r"Use GeoJSON"):
        read_polygons(geojson(feature([SQUARE])), name)


@pytest.mark.parametrize("name", ["x.gpkg", "x.zip"])
def test_content_must_agree_with_the_ending(name):
    with pytest.raises(errors.UnreadableFile, match="The content is not that of"):
        read_polygons(geojson(feature([SQUARE])), name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(errors.UnreadableFile, match=r"no\.geojson: It cannot be opened: No such file"):
        read_polygons(tmp_path / "no.geojson")


def test_a_file_above_the_limit():
    with pytest.raises(FileTooLarge, match="limit is 1 MB"):
        read_polygons(b"{" * (2**20 + 1), "x.geojson", limits=Limits(file_bytes=2**20))


def test_geopackage(frame, tmp_path):
    frame.to_crs(4547).to_file(tmp_path / "a.gpkg", layer="边界")
    read = read_polygons((tmp_path / "a.gpkg").read_bytes(), "a.gpkg")
    assert read.crs.to_epsg() == 4547
    assert read["name"].tolist() == frame["name"].tolist()


def test_several_layers_ask_for_one(frame, tmp_path):
    path = tmp_path / "a.gpkg"
    frame.to_file(path, layer="old")
    frame.iloc[:1].to_file(path, layer="new")
    pyogrio.write_dataframe(frame.drop(columns="geometry"), path, layer="table")
    with pytest.raises(SeveralLayers, match="It holds the layers old, new"):
        read_polygons(path)
    with pytest.raises(SeveralLayers):
        read_polygons(path, layer="none")
    assert len(read_polygons(path, layer="new")) == 1


def test_a_geopackage_of_tables_has_no_geometry(frame, tmp_path):
    pyogrio.write_dataframe(frame.drop(columns="geometry"), tmp_path / "t.gpkg")
    with pytest.raises(NoGeometry, match="no layer with shapes"):
        read_polygons(tmp_path / "t.gpkg")


@pytest.mark.parametrize("srs_id", [-1, 0])
def test_an_undefined_crs_of_a_geopackage_is_none(frame, tmp_path, srs_id):
    path = tmp_path / "a.gpkg"
    frame.to_file(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_contents SET srs_id = ?", [srs_id])
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", [srs_id])
    database.close()
    assert read_polygons(path).crs is None


def test_a_database_that_is_no_geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    with pytest.raises((errors.UnreadableFile, errors.UnsupportedFormat), match=r"a\.gpkg"):
        read_polygons(path)


def test_a_damaged_geopackage(frame, tmp_path):
    path = tmp_path / "a.gpkg"
    frame.to_file(path)
    with pytest.raises(errors.UnreadableFile, match=r"a\.gpkg"):
        read_polygons(path.read_bytes()[:5000], "a.gpkg")


def test_shapefile_in_a_folder_of_the_archive(frame, tmp_path):
    files = {f"边界/2025/{name}": content for name, content in shapefile(frame, tmp_path, "项目").items()}
    files |= {"边界/readme.txt": b"x", "__MACOSX/边界/2025/._项目.shp": b"x"}
    read = read_polygons(zipped(files), "项目.shp.zip")
    assert read["code"].tolist() == frame["code"].tolist()
    assert read["name"].tolist() == frame["name"].tolist()
    assert read.crs.to_epsg() == 4326
    assert notes(read) == ""


@pytest.mark.parametrize("cpg", [None, b"UTF-8", b"nonsense"], ids=["no cpg", "wrong cpg", "odd cpg"])
@pytest.mark.parametrize("language", [0x00, 0x4D, 0x57])
def test_gbk_text_is_read_whatever_the_file_declares(chinese, tmp_path, cpg, language):
    files = shapefile(chinese, tmp_path, encoding="GBK", drop=(".cpg",))
    table = bytearray(files["upload.dbf"])
    table[29] = language
    files["upload.dbf"] = bytes(table)
    if cpg:
        files["upload.cpg"] = cpg
    read = read_polygons(zipped(files), "a.zip")
    assert list(read.columns) == list(chinese.columns)
    assert read["项目名称"].tolist() == chinese["项目名称"].tolist()
    assert ("gb18030" in notes(read)) == (language != 0x4D or cpg == b"UTF-8")


@pytest.mark.parametrize(("encoding", "cpg"), [("GBK", b"936"), ("GBK", b"GBK"), ("UTF-8", b"UTF-8")])
def test_a_right_declaration_needs_no_note(frame, tmp_path, encoding, cpg):
    files = shapefile(frame, tmp_path, encoding=encoding) | {"upload.cpg": cpg}
    read = read_polygons(zipped(files), "a.zip")
    assert read["name"].tolist() == frame["name"].tolist()
    assert notes(read) == ""


def test_utf8_that_would_also_pass_for_gbk_is_read_as_utf8(frame, tmp_path):
    source = frame.assign(name=["郑州更新", "郑州"])
    assert "郑州更新".encode().decode("gb18030") != "郑州更新"
    read = read_polygons(zipped(shapefile(source, tmp_path, drop=(".cpg",))), "a.zip")
    assert read["name"].tolist() == ["郑州更新", "郑州"]


def test_a_character_cut_by_the_width_of_the_column_does_not_hide_the_encoding(frame, tmp_path):
    files = shapefile(frame, tmp_path, encoding="GBK", drop=(".cpg",))
    table = bytearray(files["upload.dbf"])
    (header,) = struct.unpack_from("<H", table, 8)
    table[header + 81 : header + 161] = b"A" + ("郑" * 40).encode("gbk")[:79]
    files["upload.dbf"] = bytes(table)
    assert read_polygons(zipped(files), "a.zip")["name"][0].startswith("A郑郑")


def test_column_names_cut_inside_a_character_lose_only_that_character(frame, tmp_path):
    """GDAL writes ten bytes of 项目编号 and 项目编码 in UTF-8, the last of them a third of a character."""
    source = frame.assign(third=[1, 2]).rename(columns={"code": "AAAAAAAAAA", "name": "BBBBBBBBBB"})
    files = shapefile(source, tmp_path)
    for letter, name in (("A", "项目编号"), ("B", "项目编码")):
        files["upload.dbf"] = files["upload.dbf"].replace(letter.encode() * 10, name.encode()[:10])
    read = read_polygons(zipped(files), "a.zip")
    assert list(read.columns) == ["项目编", "项目编1", "third", "geometry"]
    assert read["项目编1"].tolist() == frame["name"].tolist()
    assert "cut inside a character" in notes(read)


def test_western_text_is_not_taken_for_chinese(frame, tmp_path):
    western = frame.assign(name=["Café ", "Gr\xfc\xdfe"])
    read = read_polygons(zipped(shapefile(western, tmp_path, encoding="ISO-8859-1")), "a.zip")
    assert read["name"].str.strip().tolist() == ["Café", "Grüße"]


def test_without_prj_the_crs_is_open_and_said_to_be(frame, tmp_path):
    read = read_polygons(zipped(shapefile(frame, tmp_path, drop=(".prj",))), "a.zip")
    assert read.crs is None
    assert ".prj file is missing" in notes(read)


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_missing_part_is_named(frame, tmp_path, part):
    with pytest.raises(errors.UnreadableFile, match=f"lacks the {part} file"):
        read_polygons(zipped(shapefile(frame, tmp_path, drop=(part,))), "a.zip")


def test_an_archive_without_shapefile():
    with pytest.raises(errors.UnsupportedFormat, match="holds no Shapefile"):
        read_polygons(zipped({"a.txt": b"x"}), "a.zip")
    with pytest.raises(errors.UnsupportedFormat, match="holds no Shapefile"):
        read_polygons(zipped({}), "a.zip")


def test_two_shapefiles_ask_for_one(frame, tmp_path):
    files = shapefile(frame, tmp_path, "old") | shapefile(frame.iloc[:1], tmp_path, "new")
    with pytest.raises(SeveralLayers, match="old, new"):
        read_polygons(zipped(files), "a.zip")
    assert len(read_polygons(zipped(files), "a.zip", layer="new")) == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(100), b"PK"])
def test_a_broken_archive(content):
    with pytest.raises(errors.UnreadableFile, match="archive is damaged"):
        read_polygons(content, "a.zip")


def test_a_cut_archive(frame, tmp_path):
    with pytest.raises(errors.UnreadableFile, match="archive is damaged"):
        read_polygons(zipped(shapefile(frame, tmp_path))[:-100], "a.zip")


def test_a_changed_byte_in_the_archive_is_noticed(frame, tmp_path):
    content = bytearray(zipped(shapefile(frame, tmp_path)))
    content[60] ^= 0xFF
    with pytest.raises(errors.UnreadableFile, match="archive is damaged"):
        read_polygons(bytes(content), "a.zip")


@pytest.mark.parametrize("name", ["../a.shp", "a/../../b.shp", "/etc/a.shp", "C:\\a.shp", "..\\a.shp"])
def test_paths_that_leave_the_archive_are_refused(name):
    with pytest.raises(UnsafeArchive, match="leaves its folder"):
        read_polygons(zipped({name: b"x"}), "a.zip")


def test_links_in_the_archive_are_refused():
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match=r"«a\.shp»"):
        read_polygons(packed.getvalue(), "a.zip")


def test_encrypted_archives_are_refused():
    content = bytearray(zipped({"a.shp": b"x"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnsafeArchive, match="without a password"):
        read_polygons(bytes(content), "a.zip")


def test_a_bomb_is_refused_by_its_declared_size():
    bomb = zipped({"a.shp": bytes(50 * 2**20)})
    assert len(bomb) < 100_000
    with pytest.raises(FileTooLarge, match=r"50 MB .* limit is 10 MB"):
        read_polygons(bomb, "a.zip", limits=Limits(unpacked_bytes=10 * 2**20))


def test_a_bomb_that_lies_about_its_size_is_cut_off():
    bomb = bytearray(zipped({"a.shp": bytes(50 * 2**20), "a.shx": b"", "a.dbf": b""}))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", bomb, bomb.index(mark) + offset, 100)
    with pytest.raises(errors.UnreadableFile, match="archive is damaged"):
        read_polygons(bytes(bomb), "a.zip", limits=Limits(unpacked_bytes=2**20))


def test_too_many_files_in_the_archive():
    with pytest.raises(FileTooLarge, match="holds 201 files; the limit is 200"):
        read_polygons(zipped({f"{n}.txt": b"" for n in range(201)}), "a.zip")


@pytest.mark.parametrize("part", ["upload.shp", "upload.dbf"])
@pytest.mark.parametrize("content", [b"", b"\x00" * 20, b"\xff" * 200])
def test_damaged_parts(frame, tmp_path, part, content):
    files = shapefile(frame, tmp_path) | {part: content}
    with pytest.raises(errors.GengxinError, match=r"^a\.zip: "):
        read_polygons(zipped(files), "a.zip")


def test_nothing_is_left_behind(frame, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    Path(tmp_path / "tmp").mkdir()
    read_polygons(zipped(shapefile(frame, tmp_path)), "a.zip")
    with pytest.raises(errors.GengxinError):
        read_geojson(feature(SQUARE))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_hundred_thousand_features_are_all_read():
    features = [feature([[[113 + n * 1e-6, 34], [113.5, 34], [113.5, 34.001], [113 + n * 1e-6, 34]]], n=n)
                for n in range(100_000)]  # fmt: skip
    frame = read_geojson(*features)
    assert frame["n"].tolist() == list(range(100_000))
    assert frame.is_valid.all()


def test_every_error_of_this_reader_is_one_of_the_data_layer():
    named = [
        polygons.SeveralLayers,
        polygons.NoGeometry,
        polygons.UnreadableGeometry,
        FileTooLarge,
        UnsafeArchive,
    ]
    assert all(issubclass(error, errors.GengxinError) for error in named)
