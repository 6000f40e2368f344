"""What the desk is compared with: FastAPI and PostgreSQL, SKIP LOCKED, no protection at all.

    uvicorn --factory tests.bench.bare:make        DATABASE_URL=postgresql://...

Two routes, as any call list begins: take the next person and show the page; record the result.
The same libraries and the same engine as the product's; nobody signs in, nothing is sealed,
masked, budgeted or ledgered, the number stands in the page.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Form, Request
from jinja2 import Environment, select_autoescape
from sqlalchemy import Integer, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.responses import HTMLResponse, RedirectResponse

from calllist import db

INDEX = "create index bare_waiting on bare (id) where state = 'waiting'"
PAGE = """<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>架電</title></head>
<body>
<h1>{{ lead.name }}</h1><p>{{ lead.kana }}</p><p>{{ lead.phone }}</p><p>{{ lead.address }}</p>
<p>{{ lead.born }}</p><p>{{ lead.attempts + 1 }}回目</p>
<form method="post" action="/leads/{{ lead.id }}/result">
{% for code, word in codes %}<label><input type="radio" name="code" value="{{ code }}">{{ word }}
</label>{% endfor %}<button>結果登録して次へ</button></form></body></html>"""
CODES = [(10, "本人対応・完了"), (20, "折返し"), (30, "不在"), (40, "番号違い"), (50, "拒否")]


class Base(DeclarativeBase):
    pass


class Lead(Base):
    """One person, in the clear."""

    __tablename__ = "bare"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String)
    kana: Mapped[str] = mapped_column(String)
    phone: Mapped[str] = mapped_column(String)
    address: Mapped[str] = mapped_column(String)
    born: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String, default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    code: Mapped[int | None] = mapped_column(Integer)


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    """One request, one transaction."""
    makes: async_sessionmaker[AsyncSession] = request.app.state.sessions
    async with makes.begin() as made:
        yield made


Session = Annotated[AsyncSession, Depends(session, scope="function")]


def make() -> FastAPI:
    """For uvicorn."""
    engine = db.engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:"))
    template = Environment(autoescape=select_autoescape(default=True)).from_string(PAGE)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)

    @app.get("/next")
    async def following(session: Session) -> HTMLResponse:
        lead = await session.scalar(
            select(Lead)
            .where(Lead.state == text("'waiting'"))
            .order_by(Lead.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        assert lead is not None
        lead.state = "leased"
        return HTMLResponse(
            template.render(lead=lead, codes=CODES), headers={"X-Lead": str(lead.id)}
        )

    @app.post("/leads/{lead_id}/result")
    async def record(
        session: Session, lead_id: int, code: Annotated[int, Form()]
    ) -> RedirectResponse:
        lead = await session.get_one(Lead, lead_id)
        lead.state, lead.code, lead.attempts = "done", code, lead.attempts + 1
        return RedirectResponse("/next", 303)

    return app
