"""Operations on public record: simulated in the model under the law of their days, and compared with the record."""
