"""The command `leadline`: one module per group of commands. They import jobs only when called: help must come at once."""

import typer

from cli.backup import backup, restore
from cli.cluster import cluster
from cli.compose_secrets import compose_secrets
from cli.demo_data import demo_data
from cli.demo_large import demo_large
from cli.docs import docs
from cli.doctor import doctor
from cli.export import export
from cli.forecasting import backtest_file, forecast_file
from cli.forget import forget
from cli.late import late
from cli.migrate import migrate
from cli.overrides import app as overrides
from cli.plans import app as plans
from cli.quality import app as quality
from cli.reforecast import reforecast
from cli.retention import retention
from cli.run import run
from cli.services import down, psql, status, up
from cli.staffing import staff, verify_staffing
from cli.tell_broken_file import tell_broken_file

app = typer.Typer(
    name="leadline",
    help="The nightly planning pipeline of a contact centre.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # local variables may hold passwords
)
app.command()(run)
app.command()(up)
app.command()(cluster)
app.command()(down)
app.command()(status)
app.command(context_settings={"ignore_unknown_options": True})(psql)
app.command("demo-data")(demo_data)
app.command("demo-large")(demo_large)
app.command()(migrate)
app.command()(docs)
app.command("compose-secrets")(compose_secrets)
app.command()(doctor)
app.command()(export)
app.command()(retention)
app.command()(forget)
app.command()(backup)
app.command()(restore)
app.add_typer(plans, name="plan")
app.add_typer(quality, name="quality")
app.add_typer(overrides, name="override")
app.command()(staff)
app.command("verify-staffing")(verify_staffing)
app.command()(reforecast)
app.command("forecast-file")(forecast_file)
app.command("backtest-file")(backtest_file)
app.command()(late)
app.command("tell-broken-file", hidden=True)(tell_broken_file)

if __name__ == "__main__":
    app()
