"""Sites that stay up when a country is cut off from the outside: large, at home, and nothing personal to visit."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SITES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "AZ": ("azertag.az",),
        "BD": ("bangladesh.gov.bd",),
        "BY": ("belta.by",),
        "CN": ("gov.cn", "baidu.com"),
        "CU": ("cubadebate.cu",),
        "EG": ("egypt.gov.eg",),
        "ET": ("ethiotelecom.et",),
        "IN": ("india.gov.in",),
        "IQ": ("ina.iq",),
        "IR": ("irna.ir", "digikala.com"),
        "KG": ("gov.kg",),
        "KZ": ("egov.kz", "kaspi.kz"),
        "MM": ("mpt.com.mm",),
        "PK": ("pakistan.gov.pk",),
        "RU": ("gosuslugi.ru", "yandex.ru"),
        "SD": ("sudatel.sd",),
        "SY": ("sana.sy",),
        "TJ": ("khovar.tj",),
        "TM": ("turkmenistan.gov.tm",),
        "TR": ("turkiye.gov.tr",),
        "UG": ("gou.go.ug",),
        "UZ": ("gov.uz", "uza.uz"),
        "VE": ("bcv.org.ve",),
        "VN": ("chinhphu.vn", "vnexpress.net"),
    }
)


def domestic_sites(country: str) -> str:
    """The input for a country (two letters): its sites, with commas; empty where none are known."""
    return ",".join(SITES.get(country, ()))
