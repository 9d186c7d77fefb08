"""Names of places, streets and projects, in Chinese and English, put together from common parts."""

from __future__ import annotations

import numpy as np

from data.demo.synthetic.chance import Integers, Texts

HEADS = (
    ("青", "Qing"), ("云", "Yun"), ("文", "Wen"), ("兴", "Xing"), ("和", "He"),
    ("安", "An"), ("长", "Chang"), ("永", "Yong"), ("福", "Fu"), ("明", "Ming"),
    ("德", "De"), ("仁", "Ren"), ("柳", "Liu"), ("桃", "Tao"), ("梅", "Mei"),
    ("金", "Jin"), ("玉", "Yu"), ("泉", "Quan"), ("龙", "Long"), ("凤", "Feng"),
    ("竹", "Zhu"), ("松", "Song"), ("石", "Shi"), ("花", "Hua"), ("星", "Xing"),
    ("学", "Xue"), ("荷", "He"), ("宝", "Bao"), ("平", "Ping"), ("清", "Qing"),
    ("瑞", "Rui"), ("嘉", "Jia"), ("春", "Chun"), ("丰", "Feng"), ("双", "Shuang"),
)  # fmt: skip
TAILS = (
    ("林", "lin"), ("园", "yuan"), ("阳", "yang"), ("水", "shui"), ("宁", "ning"),
    ("乐", "le"), ("昌", "chang"), ("盛", "sheng"), ("泰", "tai"), ("康", "kang"),
    ("源", "yuan"), ("桥", "qiao"), ("门", "men"), ("湖", "hu"), ("台", "tai"),
    ("岭", "ling"), ("州", "zhou"), ("溪", "xi"), ("塘", "tang"), ("井", "jing"),
    ("坊", "fang"), ("庄", "zhuang"), ("楼", "lou"), ("滩", "tan"), ("亭", "ting"),
    ("渡", "du"), ("山", "shan"), ("谷", "gu"),
)  # fmt: skip
PREFIXES = (
    ("", ""), ("新", "Xin"), ("北", "Bei"), ("南", "Nan"), ("东", "Dong"), ("西", "Xi"), ("上", "Shang"),
)  # fmt: skip
DISTRICTS = (
    ("古城区", "Gucheng District"), ("临江区", "Linjiang District"),
    ("东岭区", "Dongling District"), ("北苑区", "Beiyuan District"),
    ("西湖口区", "Xihukou District"), ("南桥区", "Nanqiao District"),
    ("青云区", "Qingyun District"), ("安丰区", "Anfeng District"),
    ("明塘区", "Mingtang District"), ("玉泉台区", "Yuquantai District"),
    ("双河区", "Shuanghe District"), ("长宁坊区", "Changningfang District"),
    ("金竹区", "Jinzhu District"), ("石门楼区", "Shimenlou District"),
    ("平昌区", "Pingchang District"), ("嘉禾区", "Jiahe District"),
)  # fmt: skip
ZONE = ("示范经济技术开发区", "Demo Economic and Technological Development Zone")


def places(rng: np.random.Generator, count: int) -> tuple[Texts, Texts]:
    """Return place names in Chinese and English, each pair once before any comes twice."""
    size = len(HEADS) * len(TAILS)
    order = np.concatenate([rng.permutation(size) + k * size for k in range(len(PREFIXES))])
    chosen = order[np.arange(count) % order.size]
    prefix, pair = np.divmod(chosen, size)
    head, tail = np.divmod(pair, len(TAILS))
    chinese, english = (
        _part(PREFIXES, prefix, language) + _part(HEADS, head, language) + _part(TAILS, tail, language)
        for language in (0, 1)
    )
    return chinese, np.array([name.capitalize() for name in english], dtype=object)


def _part(parts: tuple[tuple[str, str], ...], rows: Integers, language: int) -> Texts:
    return np.array([part[language] for part in parts], dtype=object)[rows]


def street_names(
    rng: np.random.Generator, upright: np.ndarray, at: Integers, street_class: Texts, unit: int
) -> Texts:
    """Name each street line: main streets along their whole length, lanes by line and superblock row."""
    keys = at * 2 + upright
    lines, row = np.unique(keys, return_inverse=True)
    names, _ = places(rng, lines.size)
    suffix = np.where(upright, "路", "街").astype(object)
    suffix[np.isin(street_class, ["expressway"])] = "快速路"
    suffix[(street_class == "arterial") & ~upright] = "大道"
    suffix[street_class == "local"] = "巷"
    found = names[row] + suffix
    found[(at % unit != 0) & (street_class == "path")] = None
    return np.asarray(found)
