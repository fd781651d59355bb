"""The baseline of every table as Great Expectations: what its declaration already says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

    from warehouse.tables.declaration import Table


def derived_expectations(table: Table) -> list[Expectation]:
    """Expectations that follow from the declaration: columns, keys, missing values, bounds, allowed values.

    Every expectation carries `meta["rule"]` (a stable name) and `meta["expected"]` (in words).
    """
    import great_expectations.expectations as gxe  # takes seconds: only where a check really runs

    def meta(rule: str, expected: str) -> dict[str, str]:
        return {"rule": rule, "expected": expected}

    found: list[Expectation] = [
        gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=table.column_names, meta=meta("columns_as_declared", "exactly the declared columns, in order")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=table.key_names, meta=meta("key_unique", f"{', '.join(table.key_names)} identify a row")
        )
        if len(table.key) > 1
        else gxe.ExpectColumnValuesToBeUnique(
            column=table.key_names[0], meta=meta("key_unique", f"{table.key_names[0]} identifies a row")
        ),
    ]
    for column in table.all_columns:
        name = column.name
        if not column.nullable:
            found.append(gxe.ExpectColumnValuesToNotBeNull(column=name, meta=meta(f"{name}_present", f"{name} is never missing")))
        if column.minimum is not None or column.maximum is not None:
            bounds = " and ".join(
                f"at {word} {bound:g} {column.unit}"
                for word, bound in (("least", column.minimum), ("most", column.maximum))
                if bound is not None
            )
            found.append(
                gxe.ExpectColumnValuesToBeBetween(
                    column=name,
                    min_value=column.minimum,
                    max_value=column.maximum,
                    meta=meta(f"{name}_in_bounds", f"{name} is {bounds}"),
                )
            )
        if column.allowed:
            found.append(
                gxe.ExpectColumnValuesToBeInSet(
                    column=name,
                    value_set=list(column.allowed),
                    meta=meta(f"{name}_known", f"{name} is one of {', '.join(column.allowed)}"),
                )
            )
    return found
