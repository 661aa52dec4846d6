"""What a statement may hold. Whatever is not named here is refused: no list of dangers is whole.

Names of ``SYNTAX`` and ``FUNCTIONS`` are sqlglot's classes, of ``TYPES`` its types of data.
"""

from __future__ import annotations

from typing import Literal

Dialect = Literal["postgres", "mysql"]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


LONGEST = 20_000  # characters of a statement: 20,000 additions are parsed in 0.2 s
SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
# Words that PostgreSQL takes for functions and sqlglot for columns: who and where one is.
WORDS = _names(
    """
    current_catalog current_role current_schema current_user session_user system_user user
    """
)
SYNTAX = _names(
    """
    Add Alias All Any AtTimeZone Between BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr
    BitwiseRightShift BitwiseXor Boolean Bracket CTE Column Cube DPipe DataType DataTypeParam
    Distinct Div EQ Escape Except Fetch Filter From GT GTE Group GroupingSets Having HexString
    ILike Identifier IgnoreNulls In IntDiv Intersect Interval IntervalSpan Is JSONKeyValue
    JSONPath JSONPathKey JSONPathRoot JSONPathSelector JSONPathSlice JSONPathSubscript
    JSONPathWildcard Join Kwarg LT LTE Lateral Like Limit LimitOptions Literal Mod Mul NEQ Neg
    Not Null NullSafeEQ NullSafeNEQ Offset Order Ordered Overlaps Paren RespectNulls Rollup
    Select SimilarTo Slice Star Sub Subquery Table TableAlias Tuple Union Values Var Where
    Window WindowSpec With WithinGroup
    """
)
TYPES = _names(
    """
    ARRAY BIGINT BINARY BIT BLOB BOOLEAN CHAR DATE DATETIME DECIMAL DOUBLE FLOAT INET INT
    INTERVAL JSON JSONB LONGTEXT MEDIUMINT MEDIUMTEXT MONEY NCHAR NVARCHAR SMALLINT TEXT TIME
    TIMESTAMP TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMPTZ TIMETZ TINYINT UBIGINT UDECIMAL UINT UUID
    VARBINARY VARCHAR YEAR
    """
)
FUNCTIONS = _names(
    """
    Abs Acos And AnyValue Array ArrayAgg ArrayAll ArrayAny ArrayAppend ArrayConcat
    ArrayContains ArrayContainsAll ArrayOverlaps ArrayPosition ArrayPrepend ArrayRemove
    ArraySize ArrayToString Ascii Asin Atan Atan2 Avg BitLength BitwiseAndAgg BitwiseCount
    BitwiseOrAgg BitwiseXorAgg ByteLength Case Cast Cbrt Ceil Chr Coalesce Collate Concat
    ConcatWs ConvertTimezone Corr Cos Cosh Cot Count CountIf CovarPop CovarSamp CumeDist
    CurrentDate CurrentDatetime CurrentTime CurrentTimestamp Date DateAdd DateBin DateDiff
    DateFromParts DateStrToDate DateSub DateToDateStr DateTrunc Day DayOfMonth DayOfWeek
    DayOfWeekIso DayOfYear Dayname Degrees DenseRank Elt EndsWith Exists Exp
    ExplodingGenerateSeries Extract Factorial First FirstValue Floor Format FromBase64
    GenerateSeries Greatest GroupConcat Grouping Hex Hour If Initcap JSONArray JSONArrayAgg
    JSONArrayContains JSONBContains JSONBContainsAllTopKeys JSONBContainsAnyTopKeys
    JSONBContainsTopKey JSONBExists JSONBExtract JSONBExtractScalar JSONBObjectAgg JSONExtract
    JSONExtractScalar JSONKeys JSONObject JSONObjectAgg JSONType JustifyDays JustifyHours
    JustifyInterval Lag Last LastDay LastValue Lead Least Left Length Levenshtein Ln Localtime
    Localtimestamp Log LogicalAnd LogicalOr Lower MD5 MD5Digest MakeInterval MatchAgainst Max
    Median Min Minute Mode Month Monthname Normalize NthValue Ntile Nullif NumberToStr Or
    Overlay Pad ParseJSON PercentRank PercentileCont PercentileDisc Pi Pow Quarter Radians Rand
    Rank RegexpCount RegexpExtract RegexpExtractAll RegexpILike RegexpInstr RegexpLike
    RegexpReplace RegexpSplit RegrAvgx RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope
    RegrSxx RegrSxy RegrSyy Repeat Replace Reverse Right Round RowNumber SHA SHA1Digest SHA2
    SHA2Digest Second Sign Sin Sinh Soundex Space Split SplitPart Sqrt StartsWith Stddev
    StddevPop StddevSamp StrPosition StrToDate StrToTime StrToUnix StringToArray Substring
    SubstringIndex Sum Tan Tanh Time TimeAdd TimeDiff TimeFromParts TimeStrToDate TimeStrToTime
    TimeSub TimeToStr TimeToUnix TimeTrunc Timestamp TimestampAdd TimestampDiff
    TimestampFromParts TimestampSub TimestampTrunc ToBase64 ToChar ToDays ToNumber Translate
    Trim Trunc TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToDateStr TsOrDsToDatetime TsOrDsToTime
    TsOrDsToTimestamp Typeof Unhex Unicode UnixToStr UnixToTime UnixToTimeStr Unnest Upper
    UtcDate UtcTime UtcTimestamp Uuid Variance VariancePop Week WeekOfYear WidthBucket Xor Year
    """
)
# Functions that fill a text up: the argument that says how far, which must be a small number.
FILLING = {"Pad": "expression", "Repeat": "times", "Space": "this"}
FILLED = 1000  # characters, or times
# Functions that sqlglot has no class for. All of them compute and do nothing else.
UNTYPED: dict[Dialect, frozenset[str]] = {
    "postgres": _names(
        """
        age btrim cardinality clock_timestamp date_part div isfinite json_agg
        json_array_elements json_array_elements_text json_array_length json_build_array
        json_build_object json_each json_each_text json_object_keys jsonb_agg
        jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
        jsonb_build_object jsonb_each jsonb_each_text jsonb_object_keys jsonb_pretty
        jsonb_typeof make_date num_nonnulls num_nulls plainto_tsquery quote_literal
        regexp_match regexp_matches regexp_split_to_array regexp_split_to_table row_to_json
        scale similarity statement_timestamp string_agg to_date to_json to_jsonb
        to_timestamp to_tsquery to_tsvector ts_headline ts_rank websearch_to_tsquery
        width_bucket
        """
    ),
    "mysql": _names(
        """
        dayname field find_in_set format from_unixtime inet_aton inet_ntoa interval
        makedate maketime microsecond mid monthname now period_add period_diff sec_to_time
        soundex strcmp subdate time_to_sec unix_timestamp weekday weekofyear yearweek
        """
    ),
}


class RefusedError(ValueError):
    """A statement that may not run; its text says why, to the one who wrote it."""
