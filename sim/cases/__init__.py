"""Operations on public record, simulated under the law of their time and compared with the record."""
