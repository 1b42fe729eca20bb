"""Our own forms, printed, filled in and scanned."""

from __future__ import annotations

import numpy as np
import pypdfium2

from jianzai.channels.mail.payload import Kind, Payload, form_number, person_token
from jianzai.channels.mail.printing import PaperForm, pdf

VALUES = {
    "name": "欧阳桂兰",
    "sex": "女",
    "born": "1948年3月",
    "birth_date": "1948年3月2日",
    "identity": "430102194803020029",
    "personal_number": "4301000123456",
    "employer": "长沙市第三机床厂",
    "address": "广东省深圳市福田区莲花街道景田北六街12号",
    "attester": "福田区莲花街道办事处",
    "attested_on": "2026年8月15日",
}


def payload(kind: Kind, running: int = 123, person: object = "somebody", year: int = 2026) -> Payload:
    return Payload(form_number(year, running), kind, year, person_token(person))


def printed(code: Payload, values: dict[str, str] | None = None, dpi: int = 200) -> np.ndarray:
    """The first page, as BGR."""
    with pypdfium2.PdfDocument(pdf([PaperForm(code, VALUES if values is None else values)])) as document:
        return np.ascontiguousarray(document[0].render(scale=dpi / 72).to_numpy()[:, :, :3])
